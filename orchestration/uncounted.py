"""What no score counts: traffic that was excluded, and track events that no rule matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration import console
from orchestration.rows import records

RULES_SEED = "seeds/scoring/scoring_rules.csv"
LAST_DAYS = 30
"""Of the log: what nobody sends any more needs no rule."""

_EXCLUDED = """
select reason, sum(event_count)::bigint as event_count
from marts.fct_excluded_traffic
group by reason
order by event_count desc, reason
"""
# the log's last day is its newest up to the as-of date, as a device's clock may be ahead
_UNMATCHED = """
with
tracked as (
    select event_name, person_id, event_at
    from marts.fct_events
    where event_type = 'track'
        and event_name is not null
        and rule_id is null
        and person_id is not null
        and not is_bot
        and not is_consent_denied
        and traffic_flag is null
),
newest as (
    select max(event_at) as event_at
    from marts.fct_events
    where event_at < (
        select max_by(as_of_date, published_at) + interval 1 day from ops.refreshes
    )
)
select tracked.event_name, count(*) as event_count
from tracked
inner join newest
    on tracked.event_at <= newest.event_at
    and tracked.event_at > newest.event_at - to_days(?)
where not exists (
    select 1
    from marts.dim_people as people
    where people.person_id = tracked.person_id and people.exclusion_reason is not null
)
group by tracked.event_name
order by event_count desc, tracked.event_name
limit 5
"""


@dataclass(frozen=True)
class Excluded:
    """Events that were kept out of every score for one reason."""

    reason: str
    event_count: int


@dataclass(frozen=True)
class Unmatched:
    """A track event of the log's last days that no scoring rule matches."""

    event_name: str
    event_count: int


def excluded_traffic(connection: duckdb.DuckDBPyConnection) -> tuple[Excluded, ...]:
    """What was excluded, the most first; nothing where an older version published."""
    try:
        return tuple(records(Excluded, connection, _EXCLUDED))
    except _OLDER:
        return ()


def unmatched_events(connection: duckdb.DuckDBPyConnection) -> tuple[Unmatched, ...]:
    """The five most frequent; nothing where an older version published."""
    try:
        return tuple(records(Unmatched, connection, _UNMATCHED, [LAST_DAYS]))
    except _OLDER:
        return ()


# a file that an older version published lacks a table or a column; its status is asked for as well
_OLDER = (duckdb.CatalogException, duckdb.BinderException)


def excluded_words(excluded: Sequence[Excluded]) -> str:
    """`40 events: 30 bot, 10 consent_denied`."""
    total = console.counted(sum(each.event_count for each in excluded), "event")
    reasons = ", ".join(f"{each.event_count:,} {each.reason}" for each in excluded)
    return f"{total}: {reasons}"


def unmatched_words(unmatched: Sequence[Unmatched]) -> str:
    """The events with their counts, and where to add what should count."""
    names = ", ".join(
        f"{console.safe(each.event_name)} ({each.event_count:,})" for each in unmatched
    )
    return (
        f"{names} in the log's last {LAST_DAYS} days match no rule;"
        f" what should count, add to {RULES_SEED}"
    )
