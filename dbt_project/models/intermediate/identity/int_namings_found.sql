-- One row each time that a device is told whose it is: an event that carries a name,
-- and an alias, which names the device of its previous id as an identify on it would.
-- Devices made from address and agent are shared by too many people to be named.
{{ config(materialized='view') }}

with

events as {{ read_each_time() }} (

    select * from {{ ref('int_events_prepared') }}
    where not is_gone

),

address_visitors as (

    select distinct visitor_id
    from events
    where
        is_address_visitor
        and visitor_id is not null

),

named_by_event as (

    select
        visitor_id,
        event_id,
        owner_node_id,
        event_at
    from events
    where
        owner_node_id is not null
        and not is_address_visitor

),

named_by_alias as (

    select
        previous_id as visitor_id,
        event_id,
        owner_node_id,
        event_at
    from events
    where
        event_type = 'alias'
        and owner_node_id is not null
        and previous_id is not null
        -- on that device itself it has named it already
        and previous_id is distinct from visitor_id
        and previous_id not in (
            select address_visitors.visitor_id
            from address_visitors
        )

)

select * from named_by_event
union all
select * from named_by_alias
