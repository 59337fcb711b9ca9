"""All that a backtest knows of a log: the pipeline's narrow tables, read once, as columns.

Everything that carries a day can be cut at it. Days are counted from 1970-01-01 (UTC), and a row
counts from its day on. Nodes (user ids and addresses) are numbered in order of who was seen first,
a user id before an address at the same moment, so the smallest number of a component is the node
that its id is made from, on any day on which that node has been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
NOBODY = -1
NEVER = 2**31
"""A day that never comes."""

_NUMBERED = """
create or replace temp table backtest_nodes as
with seen as (
    select * from intermediate.int_nodes_owned where not is_gone
),
forced as (
    select left_node_id as node_id from intermediate.int_overrides_read
    union
    select right_node_id as node_id from intermediate.int_overrides_read
)
select
    coalesce(seen.node_id, forced.node_id) as node_id,
    seen.identifier_type, seen.identifier, seen.email_class, seen.is_linkable, seen.first_seen_at,
    row_number() over (
        order by
            seen.first_seen_at asc nulls last, seen.identifier_type desc, seen.identifier,
            forced.node_id
    ) - 1 as node
from seen
full join forced on seen.node_id = forced.node_id;

create or replace temp table backtest_slices as
with slices as (
    select
        owned.slice_id, owned.visitor_id, owned.owner_node_id,
        coalesce(cuts.named_at, counted.first_seen_at) as named_at
    from intermediate.int_slices_owned as owned
    inner join intermediate.int_slices_counted as counted on owned.slice_id = counted.slice_id
    left join intermediate.int_slices_cut as cuts
        on owned.slice_id = cuts.slice_id and not cuts.is_gone
    where not owned.is_gone and owned.owner_node_id is not null
)
select
    slices.slice_id, slices.visitor_id, slices.named_at, nodes.node as owner,
    row_number() over (order by slices.slice_id) - 1 as slice,
    dense_rank() over (order by slices.visitor_id) - 1 as visitor
from slices
inner join backtest_nodes as nodes on slices.owner_node_id = nodes.node_id;

create or replace temp table backtest_visitors as
select distinct visitor_id, visitor from backtest_slices;
"""

_NODES = """
select
    node_id, split_part(node_id, ':', 1) as identifier_type, email_class,
    coalesce(is_linkable, true) as is_linkable,
    node_id in (select 'user_id:' || user_id from seeds.internal_users) as is_internal_user
from backtest_nodes
order by node
"""
_LINKS = """
select
    left_nodes.node as left_node, right_nodes.node as right_node,
    greatest(links.event_at, left_nodes.first_seen_at, right_nodes.first_seen_at)::date
        - date '1970-01-01' as day
from intermediate.int_links_found as links
inner join backtest_nodes as left_nodes on links.left_node_id = left_nodes.node_id
inner join backtest_nodes as right_nodes on links.right_node_id = right_nodes.node_id
order by links.event_at, links.event_id, links.left_node_id, links.right_node_id
"""
_DECISIONS = """
select left_nodes.node as left_node, right_nodes.node as right_node, decided.is_forced
from intermediate.int_overrides_read as decided
inner join backtest_nodes as left_nodes on decided.left_node_id = left_nodes.node_id
inner join backtest_nodes as right_nodes on decided.right_node_id = right_nodes.node_id
"""
_SLICES = """
select owner, visitor, named_at::date - date '1970-01-01' as day from backtest_slices order by slice
"""
_SLICE_DAYS = """
select
    slices.slice, days.event_date - date '1970-01-01' as day, days.event_count,
    days.bot_event_count, days.internal_event_count
from intermediate.int_slice_days_counted as days
inner join backtest_slices as slices on days.slice_id = slices.slice_id
order by day, slice
"""
_BUCKETS = """
select
    slices.slice, rules.rule, buckets.event_date - date '1970-01-01' as day, buckets.event_count
from intermediate.int_buckets_counted as buckets
inner join backtest_slices as slices on buckets.slice_id = slices.slice_id
inner join (
    select rule_id, row_number() over (order by rule_id) - 1 as rule from seeds.scoring_rules
) as rules on buckets.rule_id = rules.rule_id
order by day, slice, rule
"""
_ADDRESSES = """
select
    slices.slice, nodes.node, events.user_id is not null as has_user_id,
    min(events.event_date) - date '1970-01-01' as day
from intermediate.int_events_placed as events
inner join backtest_slices as slices on events.slice_id = slices.slice_id
inner join backtest_nodes as nodes
    on nodes.identifier_type = 'email' and events.email = nodes.identifier
where not events.is_gone and events.email is not null
group by all
order by slice, node, has_user_id
"""
_CONVERSIONS = """
select slices.slice, slices.visitor, conversions.event_at::date - date '1970-01-01' as day
from intermediate.int_conversions_valued as conversions
inner join backtest_slices as slices on conversions.slice_id = slices.slice_id
order by day, slice
"""
_SUSPECT_DAYS = """
select
    visitors.visitor, days.event_date - date '1970-01-01' as day,
    days.* exclude (visitor_id, event_date)
from intermediate.int_visitor_days_measured as days
inner join backtest_visitors as visitors on days.visitor_id = visitors.visitor_id
order by day, visitor
"""
_SUSPECT_EVENTS = """
select
    visitors.visitor, events.event_date - date '1970-01-01' as day, count(*) as event_count,
    count(*) filter (where events.event_type = 'page') as page_view_count
from intermediate.int_events_placed as events
inner join backtest_visitors as visitors on events.visitor_id = visitors.visitor_id
where
    not events.is_gone and events.session_id is not null
    and events.visitor_id in (select visitor_id from intermediate.int_visitor_days_measured)
group by all
order by day, visitor
"""
# the last up to the as-of date, where there is one: a device's clock may be ahead
_ENDS = """
select
    min(event_at),
    coalesce(
        max(event_at) filter (
            where event_at < (select max(as_of_date) + interval 1 day from raw.refresh_settings)
        ),
        max(event_at)
    )
from intermediate.int_events_placed
where not is_gone
"""

Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class History:
    """A log as columns; `day` says from when on a row holds.

    nodes: node_id, identifier_type, email_class, is_linkable, is_internal_user, by node.
    links: left_node, right_node, day; in the order in which they are taken.
    decisions: left_node, right_node, is_forced.
    slices: owner (a node), visitor, day; by slice. Only those that ever have an owner.
    slice_days: slice, day, event_count, bot_event_count, internal_event_count.
    buckets: slice, rule, day, event_count. addresses: slice, node, has_user_id, day.
    conversions: slice, visitor, day. suspect_days, suspect_events: visitor, day, measures.
    All of the latter are in order of their day, but for addresses.
    """

    nodes: Columns
    links: Columns
    decisions: Columns
    slices: Columns
    slice_days: Columns
    buckets: Columns
    addresses: Columns
    conversions: Columns
    suspect_days: Columns
    suspect_events: Columns
    first_day: int
    last_whole_day: int
    """The last day that has ended when the last event happens."""

    @property
    def node_count(self) -> int:
        return len(self.nodes["node_id"])

    @property
    def visitor_count(self) -> int:
        return int(self.slices["visitor"].max(initial=NOBODY)) + 1


def read_history(connection: duckdb.DuckDBPyConnection) -> History | None:
    """Reads the tables of schema `intermediate` that the connection finds; None without an event.

    Makes temporary tables, and changes nothing else.
    """
    ends = connection.execute(_ENDS).fetchone()
    if ends is None or ends[0] is None:
        return None
    connection.execute(_NUMBERED)
    return History(
        nodes=_columns(connection, _NODES),
        links=_columns(connection, _LINKS),
        decisions=_columns(connection, _DECISIONS),
        slices=_columns(connection, _SLICES),
        slice_days=_columns(connection, _SLICE_DAYS),
        buckets=_columns(connection, _BUCKETS),
        addresses=_columns(connection, _ADDRESSES),
        conversions=_columns(connection, _CONVERSIONS),
        suspect_days=_columns(connection, _SUSPECT_DAYS),
        suspect_events=_columns(connection, _SUSPECT_EVENTS),
        first_day=day_number(ends[0].date()),
        last_whole_day=day_number(ends[1].date()) - 1,
    )


def day_number(day: date) -> int:
    """The day as this package counts them."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day with this number."""
    return EPOCH + timedelta(days=int(number))


def up_to(rows: Columns, day: int) -> int:
    """How many rows, which stand in order of their day, are on or before `day`."""
    return int(np.searchsorted(rows["day"], day, side="right"))


def summed(place: Ints, values: npt.NDArray[Any], count: int) -> Floats:
    """For each place from 0 to `count` the sum of its values."""
    sums: Floats = np.bincount(place, weights=values, minlength=count).astype(np.float64)
    return sums


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> Columns:
    found = connection.execute(query).fetchnumpy()
    return {name: _plain(column) for name, column in found.items()}


def _plain(column: Any) -> npt.NDArray[Any]:
    """Whole numbers as 64 bits; texts as objects, with None where there is none."""
    plain: npt.NDArray[Any] = np.ma.filled(column, None) if np.ma.isMaskedArray(column) else column
    return plain.astype(np.int64) if plain.dtype.kind in "iu" else plain
