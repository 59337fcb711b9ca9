-- One row a link, accepted or refused: those that events ask for, and those that a
-- person has forced, which no event speaks for.
with

found as (

    select * from {{ ref('int_links_found') }}

),

overrides as (

    select * from {{ ref('int_overrides_read') }}

),

walked as (

    select * from {{ ref('int_links_walked') }}

),

links as (

    select
        left_node_id,
        right_node_id,
        link_type,
        event_id,
        event_at
    from found
    union all
    select
        left_node_id,
        right_node_id,
        'override' as link_type,
        cast(null as varchar) as event_id,
        cast(null as timestamp) as event_at
    from overrides
    where is_forced

)

select
    links.left_node_id,
    links.right_node_id,
    links.link_type,
    links.event_id,
    walked.refusal_reason,
    links.event_at,
    walked.refusal_reason is null as is_accepted
from links
left join walked
    on
        links.left_node_id = walked.left_node_id
        and links.right_node_id = walked.right_node_id
        and links.link_type = walked.link_type
