"""A log far larger than the simulator makes, from one that it made: the same visits as often as is
wanted, each time of other devices, people and companies.

    python -m tests.benchmarks.multiplied FROM TO --times 10

FROM and TO are data directories; of FROM only what was loaded is read. In each copy but the first,
ids of events and devices, the names before free mail hosts and the domains of companies get its
number, wherever an event or a row of the CRM says them. So all counts that the models give
multiply, and nobody in a copy is anybody in another. Spend on ads is taken once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ingestion import reference, warehouse
from ingestion.canonical import event_key
from ingestion.settings import PROJECT_ROOT, Settings

_OVERRIDES = PROJECT_ROOT / "seeds" / "identity" / "email_domain_overrides.csv"

# mail for anybody, and the company whose site it is
_HOSTS_OF_MANY = """
    select string_agg(replace(domain, '.', '\\.'), '|')
    from (
        select email_domain as domain
        from raw.email_domains
        where is_free or is_disposable
        union
        select email_domain from read_csv(?)
        union
        select 'example.com'
    )
"""

_TABLES = ("files", "events", "event_id_collisions", "rejected_events", "leads")


def multiply(source: Path, target: Path, times: int) -> int:
    """Writes the warehouse of data directory `target`, which must have none, from what `source`
    has loaded; the number of its events."""
    settings, loaded = Settings(data_dir=target), Settings(data_dir=source).warehouse
    if settings.warehouse.exists():
        raise SystemExit(f"{settings.warehouse} is there already: name another folder")
    if not loaded.exists():
        raise SystemExit(f"{loaded} is not there: load a log into {source} first")
    with warehouse.connect(settings) as connection:
        connection.execute(f"attach '{loaded}' as source (read_only)")
        connection.execute("set preserve_insertion_order = false")
        for table in (*_TABLES, "ad_spend"):
            connection.execute(f"insert into raw.{table} by name from source.raw.{table}")
        reference.refresh_lists(connection)
        [(hosts,)] = connection.execute(_HOSTS_OF_MANY, [str(_OVERRIDES)]).fetchall()
        [(loads,)] = connection.execute("select max(load_id) from source.raw.files").fetchall()
        for number in range(1, times):
            for table, changed in _changed(number, number * loads, hosts).items():
                connection.execute(
                    f"insert into raw.{table} by name"
                    f" select * replace ({changed}) from source.raw.{table}"
                    + (" where format != 'ad_spend'" if table == "files" else "")
                )
        connection.execute(f"select nextval('raw.load_ids') from range({times * loads})").fetchall()
        [(events,)] = connection.execute("select count(*) from raw.events").fetchall()
    return int(events)


def _changed(number: int, later: int, hosts: str) -> dict[str, str]:
    """For each table the columns that are otherwise in copy `number`, its loads being `later`."""
    load_id = f"load_id + {later} as load_id"
    event_id = f"'{number}-' || event_id"
    of_events = ", ".join(
        (
            load_id,
            f"{event_id} as event_id",
            f"{event_key(event_id)} as event_key",
            # what is no id of a device (null, anonymous, …) stays what it is
            f"if(length(anonymous_id) = 36, '{number}-', '') || anonymous_id as anonymous_id",
            *(
                f"{_addresses(column, number, hosts)} as {column}"
                for column in ("email", "properties", "traits", "context")
            ),
        )
    )
    return {
        "files": f"{load_id}, 'copy {number} of ' || file_name as file_name,"
        f" md5('{number}' || content_sha256) as content_sha256",
        "events": of_events,
        "event_id_collisions": of_events,
        "rejected_events": f"{load_id}, md5('{number}' || record_md5) as record_md5",
        "leads": f"{load_id}, {_addresses('email', number, hosts)} as email,"
        f" md5('{number}' || content_md5) as content_md5",
    }


def _addresses(column: str, number: int, hosts: str) -> str:
    """`column` with its addresses at another domain, or of another name at a host of many."""
    text = f"cast({column} as varchar)"
    return f"""case when contains({text}, '@') then regexp_replace(
        replace({text}, '@', '@{number}-'),
        '([^"@ ]+)@{number}-({hosts})\\b', '{number}.\\1@\\2', 'g'
    ) else {text} end"""


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("source", type=Path)
    arguments.add_argument("target", type=Path)
    arguments.add_argument("--times", type=int, default=10)
    given = arguments.parse_args()
    print(f"{multiply(given.source, given.target, given.times):,} events")
