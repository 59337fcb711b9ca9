"""What no score counts: traffic that was excluded, track events that no rule matches, and pages
that have no class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration import console
from orchestration.rows import records

RULES_SEED = "seeds/scoring/scoring_rules.csv"
PAGES_SEED = "seeds/pages/page_classes.csv"
LAST_DAYS = 30
"""Of the log: what nobody sends any more needs no rule."""
UNCLASSED_SHARE = 0.25
"""Of page views without a class, from which on they are told: every site has an imprint."""

_NO_INTEREST = (
    "page_read", "cta_view", "form_start",
    "report_generated", "report_delivered", "qualified", "booked", "unsubscribe",
)  # fmt: skip
"""Events of the product's own tracker and funnel that tell of no interest, or of what others
tell: nobody has forgotten a rule for them."""

_EXCLUDED = """
select reason, sum(event_count)::bigint as event_count
from marts.fct_excluded_traffic
group by reason
order by event_count desc, reason
"""
# What people did lately: the log's last day is its newest up to the as-of date, as a device's
# clock may be ahead.
_LATELY = """
newest as (
    select max(event_at) as event_at
    from marts.fct_events
    where event_at < (
        select max_by(as_of_date, published_at) + interval 1 day from ops.refreshes
    )
),
lately as (
    select events.*
    from marts.fct_events as events
    inner join newest
        on events.event_at <= newest.event_at
        and events.event_at > newest.event_at - to_days(?)
    where events.person_id is not null
        and not events.is_bot
        and not events.is_consent_denied
        and events.traffic_flag is null
        and not exists (
            select 1
            from marts.dim_people as people
            where people.person_id = events.person_id and people.exclusion_reason is not null
        )
)
"""
_UNMATCHED = f"""
with {_LATELY}
select event_name, count(*) as event_count
from lately
where
    event_type = 'track' and event_name is not null and rule_id is null
    and not list_contains(?::varchar[], event_name)
group by event_name
order by event_count desc, event_name
limit 5
"""
# by the first part of the path, as a class is by its beginning
_UNCLASSED = f"""
with {_LATELY},
views as (
    select
        regexp_extract(lower(page_url), '^(?:[a-z]+://[^/?#]*)?(/[^/?#]*)', 1) as path,
        page_class = 'other' as is_unclassed
    from lately
    where event_type = 'page' and page_class is not null
)
select path, count(*) as view_count
from views
where is_unclassed and path <> '' and (select avg(is_unclassed::int) from views) >= ?
group by path
order by view_count desc, path
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


@dataclass(frozen=True)
class Unclassed:
    """Pages of the log's last days whose path, here its first part, has no class."""

    path: str
    view_count: int


def excluded_traffic(connection: duckdb.DuckDBPyConnection) -> tuple[Excluded, ...]:
    """What was excluded, the most first; nothing where an older version published."""
    try:
        return tuple(records(Excluded, connection, _EXCLUDED))
    except _OLDER:
        return ()


def unmatched_events(connection: duckdb.DuckDBPyConnection) -> tuple[Unmatched, ...]:
    """The five most frequent; nothing where an older version published."""
    try:
        return tuple(records(Unmatched, connection, _UNMATCHED, [LAST_DAYS, _NO_INTEREST]))
    except _OLDER:
        return ()


def unclassed_pages(connection: duckdb.DuckDBPyConnection) -> tuple[Unclassed, ...]:
    """The five most seen, where such pages are a good part of all; nothing where an older version
    published."""
    try:
        return tuple(records(Unclassed, connection, _UNCLASSED, [LAST_DAYS, UNCLASSED_SHARE]))
    except _OLDER:
        return ()


_WIDEST = 80
"""Of a name or path that somebody made up."""
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
        f"{console.cut(each.event_name, _WIDEST)} ({each.event_count:,})" for each in unmatched
    )
    return (
        f"{names} in the log's last {LAST_DAYS} days match no rule;"
        f" what should count, add to {RULES_SEED}"
    )


def unclassed_words(unclassed: Sequence[Unclassed]) -> str:
    """The pages with their views, and where to say what they are."""
    paths = ", ".join(
        f"{console.cut(each.path, _WIDEST)} ({each.view_count:,})" for each in unclassed
    )
    return (
        f"pages at {paths} in the log's last {LAST_DAYS} days have no class;"
        f" what tells interest, add to {PAGES_SEED}"
    )
