-- One row a pair of nodes that an event says are one person, with the first such event.
-- Only two kinds of event link: an identify that carries both names, and an alias of a
-- user id that other events carry.
with

events as (

    select
        user_id,
        email,
        previous_id,
        link_type,
        event_id,
        first_seen_at as event_at
    from {{ ref('int_names_carried') }}
    where link_type is not null

),

nodes as (

    select * from {{ ref('int_nodes_found') }}

),

identifies as (

    select
        {{ node_id('user_id', 'events.user_id') }} as node_id,
        nodes.node_id as other_node_id,
        events.link_type,
        events.event_id,
        events.event_at
    from events
    inner join nodes
        on
            nodes.identifier_type = 'email'
            and events.email = nodes.identifier
    where
        events.link_type = 'identify'
        and nodes.is_linkable

),

aliases as (

    select
        {{ node_id('user_id', 'events.user_id') }} as node_id,
        nodes.node_id as other_node_id,
        events.link_type,
        events.event_id,
        events.event_at
    from events
    inner join nodes
        on
            nodes.identifier_type = 'user_id'
            and events.previous_id = nodes.identifier
    where
        events.link_type = 'alias'
        and events.previous_id != events.user_id

),

both_kinds as (

    select * from identifies
    union all
    select * from aliases

),

links as (

    select
        link_type,
        event_id,
        event_at,
        least(node_id, other_node_id) as left_node_id,
        greatest(node_id, other_node_id) as right_node_id
    from both_kinds

)

select *
from links
qualify row_number() over (
    partition by left_node_id, right_node_id order by event_at, event_id
) = 1
