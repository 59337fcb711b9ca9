"""What no score counts, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration import console
from orchestration.rows import records

_EXCLUDED = """
select reason, sum(event_count)::bigint as event_count
from marts.fct_excluded_traffic
group by reason
order by event_count desc, reason
"""


@dataclass(frozen=True)
class Excluded:
    """Events that were kept out of every score for one reason."""

    reason: str
    event_count: int


def excluded_traffic(connection: duckdb.DuckDBPyConnection) -> tuple[Excluded, ...]:
    """What was excluded, the most first; nothing where an older version published."""
    try:
        return tuple(records(Excluded, connection, _EXCLUDED))
    except _OLDER:
        return ()


# a file that an older version published lacks a table or a column; its status is asked for as well
_OLDER = (duckdb.CatalogException, duckdb.BinderException)


def excluded_words(excluded: Sequence[Excluded]) -> str:
    """`40 events: 30 bot, 10 consent_denied`."""
    total = console.counted(sum(each.event_count for each in excluded), "event")
    reasons = ", ".join(f"{each.event_count:,} {each.reason}" for each in excluded)
    return f"{total}: {reasons}"
