-- One row a slice that holds an event: what happened in it, and whose it is.
with

events as (

    select * from {{ ref('int_events_placed') }}
    where slice_id is not null

),

slices as (

    select * from {{ ref('int_slices_cut') }}

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}

),

summarised as (

    select
        slice_id,
        min(visitor_id) as visitor_id,
        min(anonymous_id) as anonymous_id,
        -- null in the slice of a device that nobody named, and in one that an alias
        -- named
        min(owner_node_id) as owner_node_id,
        bool_or(is_address_visitor) as is_address_visitor,
        count(*) as event_count,
        count(*) filter (where is_bot) as bot_event_count,
        count(*) filter (where is_internal and not is_bot) as internal_event_count,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at
    from events
    group by slice_id

),

named as (

    select
        summarised.slice_id,
        summarised.visitor_id,
        summarised.anonymous_id,
        summarised.is_address_visitor,
        summarised.event_count,
        summarised.bot_event_count,
        summarised.internal_event_count,
        summarised.first_seen_at,
        summarised.last_seen_at,
        coalesce(slices.owner_node_id, summarised.owner_node_id) as owner_node_id
    from summarised
    left join slices on summarised.slice_id = slices.slice_id

)

select
    named.slice_id,
    named.visitor_id,
    named.anonymous_id,
    named.owner_node_id,
    coalesce(
        nodes.person_id,
        {{ person_id("'anonymous_id:' || named.visitor_id") }}
    ) as person_id,
    named.is_address_visitor,
    named.owner_node_id is not null as is_identified,
    named.event_count,
    named.bot_event_count,
    named.internal_event_count,
    named.first_seen_at,
    named.last_seen_at
from named
left join nodes on named.owner_node_id = nodes.node_id
