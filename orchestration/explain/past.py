"""What the product said on a past day: the log of somebody cut there, and the models run on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from ingestion.errors import UserError
from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.apart.closure import cut_to
from orchestration.apart.compiled import compiled_models
from orchestration.apart.database import apart, assert_built
from orchestration.explain.identity import Found, find

TABLES = (
    "dim_accounts", "dim_people", "dim_rulesets", "dim_score_bands", "dim_scoring_rules",
    "fct_account_score_reasons", "fct_events", "fct_lead_magnet_funnel",
    "fct_lead_magnet_requests", "fct_person_score_reasons", "fct_sessions", "map_accepted_links",
    "map_identities", "map_person_ids", "map_refused_links",
)  # fmt: skip
"""What an explanation reads."""

_ENDS_BY = "select coalesce(max(event_at) < cast(? as date) + 1, true) from fct_events"
_SEEN_BY_THEN = """
select distinct cast(then_.canonical_person_id as varchar)
from map_identities as then_
inner join standing_published.marts.map_person_ids as now_
    on then_.identifier_type = now_.identifier_type and then_.identifier = now_.identifier
where try_cast(? as uuid) in (now_.own_person_id, now_.canonical_person_id)
"""


def ends_by(connection: duckdb.DuckDBPyConnection, as_of: date) -> bool:
    """Whether the log that is published has no event after the UTC day `as_of`."""
    row = connection.execute(_ENDS_BY, [as_of]).fetchone()
    return row is not None and bool(row[0])


def find_then(connection: duckdb.DuckDBPyConnection, who: str, as_of: date) -> Found:
    """Whom `who` named by the end of `as_of`, on a connection of `cut_at`.

    The id that somebody has today names them also where they had another one. Raises UserError
    where nobody was so called yet.
    """
    try:
        return find(connection, who)
    except UserError:
        # not so called then: by what they are called today
        rows = connection.execute(_SEEN_BY_THEN, [who.strip()]).fetchall()
    if not rows:
        raise UserError(f"{who!r} names nobody who had been seen by the end of {as_of} (UTC)")
    return Found("person_id", who.strip(), tuple(sorted(row[0] for row in rows)))


@contextmanager
def cut_at(
    settings: Settings,
    who: str,
    as_of: date,
    wait_seconds: float,
    say: Callable[[str], None] | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published tables as a refresh of the log cut at the end of the UTC day
    `as_of` makes them: those rows of them that are of `who` (names, a person's id or a domain) and
    of their colleagues. The rules are those of seeds/ now.

    say: is told before something that takes long. Raises UserError where nothing is built yet,
    lock.LockBusyError when the wait for another writer was in vain.
    """
    assert_built(settings)
    compiled = compiled_models(settings, say)
    with writer_lock(settings, wait_seconds), apart(settings, compiled) as past:
        cut_to(past, [who], as_of)
        past.build(TABLES)
        yield past.connection
