"""The events that decide who somebody is and what they score, on this day or an earlier one.

More than their own: whoever has shared a device with them or asked to be one with them, whatever
came of it, and the people of their company. It is found on the whole log. A log that is cut has
fewer names and links, so what decides there is among it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from ingestion.errors import UserError
from orchestration.analytics import first_line
from orchestration.apart.database import Apart

_EDGES = """
create or replace temp table edges as
with named as (
    select visitor_id, owner_node_id, email, event_type, previous_id
    from standing.intermediate.int_events_prepared
    where not is_gone and owner_node_id is not null
),
pairs as (
    select 'visitor:' || visitor_id as one_end, owner_node_id as other_end
    from named
    where visitor_id is not null
    union
    select 'visitor:' || previous_id, owner_node_id
    from named
    where event_type = 'alias' and previous_id is not null
    union
    -- an address that an event of another name carries is known by that event, linked or not
    select 'email:' || email, owner_node_id
    from named
    where email is not null
    union
    select left_node_id, right_node_id from standing.intermediate.int_links_found
    union
    select left_node_id, right_node_id from standing.intermediate.int_overrides_read
)
select one_end, other_end from pairs
union all
select other_end, one_end from pairs
"""
_NAMED = """
create or replace temp table reached as
with called as (
    select unnest(cast($names as varchar[])) as name
)
select 'email:' || lower(name) as end_id from called
union
select 'user_id:' || name from called
union
select 'visitor:' || events.visitor_id
from standing.intermediate.int_events_prepared as events
inner join called on events.has_device and events.visitor_id = called.name
where not events.is_gone and events.visitor_id is not null
union
select
    case when people.identifier_type in ('email', 'user_id')
        then people.identifier_type || ':' else 'visitor:'
    end || people.identifier
from standing_published.marts.map_person_ids as people
inner join called
    on try_cast(called.name as uuid) in (people.own_person_id, people.canonical_person_id)
union
select nodes.node_id
from standing.intermediate.int_nodes_owned as nodes
inner join called
    on nodes.registrable_domain = regexp_replace(lower(called.name), '^www\\.', '')
where not nodes.is_gone
"""
_SPREAD = """
create or replace temp table reached as
with recursive spread as (
    select end_id from reached
    union
    select edges.other_end
    from spread
    inner join edges on spread.end_id = edges.one_end
)
select end_id from spread
"""
_COLLEAGUES = """
insert into reached
select nodes.node_id
from standing.intermediate.int_nodes_owned as nodes
where
    not nodes.is_gone
    and nodes.registrable_domain in (
        select own.registrable_domain
        from standing.intermediate.int_nodes_owned as own
        inner join reached on own.node_id = reached.end_id
        where not own.is_gone and own.email_class = 'business'
    )
"""
_EVENTS = """
create or replace temp table deciding_events as
with own as (
    select event_id
    from standing.intermediate.int_events_prepared
    where
        not is_gone
        and (
            'visitor:' || visitor_id in (select end_id from reached)
            or owner_node_id in (select end_id from reached)
        )
)
select event_id from own
union
-- what was done about their requests names nobody
select told.event_id
from standing.intermediate.int_lead_magnet_events_read as told
where told.request_id in (select event_id from own)
"""
_CUT = """
select events.*
from standing.raw.events as events
where
    events.event_at < cast(? as date) + 1
    and events.event_id in (select event_id from deciding_events)
"""


def cut_to(apart: Apart, names: Sequence[str], as_of: date) -> None:
    """Gives `apart` the log of those whom `names` name, up to the end of the UTC day `as_of`, and
    that day as the one that scores are of.

    names: addresses, user ids, anonymous ids, ids of people, or domains of accounts.
    Raises UserError where what is built was built by another version of the product.
    """
    connection = apart.connection
    try:
        connection.execute(_EDGES)
        connection.execute(_NAMED, {"names": list(names)})
        for statement in (_SPREAD, _COLLEAGUES, _SPREAD, _EVENTS):
            connection.execute(statement)
        apart.give("warehouse.raw.events", _CUT, [as_of])
        score_as_of(apart, as_of)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        words = f"What is built was built by another version ({first_line(error)})"
        raise UserError(f"{words}; run: intent refresh") from error


def score_as_of(apart: Apart, as_of: date) -> None:
    """Makes `as_of` the day that scores are of; no alert or mail is due then."""
    apart.give(
        "warehouse.raw.refresh_settings",
        "select * replace (cast(? as date) as as_of_date, false as is_as_of_today)"
        " from standing.raw.refresh_settings",
        [as_of],
    )
