-- One row a link, accepted or refused.
with

links as (

    select * from {{ ref('int_links_found') }}

),

walked as (

    select * from {{ ref('int_links_walked') }}

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
