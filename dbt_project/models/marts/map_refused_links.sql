-- One row a link between two names that an event asked for and that was refused.
with

links as (

    select * from {{ ref('int_links_decided') }}
    where not is_accepted

),

nodes as (

    select * from {{ ref('int_nodes_found') }}

)

select
    links.link_type,
    left_nodes.identifier_type as left_identifier_type,
    left_nodes.identifier as left_identifier,
    right_nodes.identifier_type as right_identifier_type,
    right_nodes.identifier as right_identifier,
    links.refusal_reason as reason,
    links.event_id,
    links.event_at
from links
inner join nodes as left_nodes on links.left_node_id = left_nodes.node_id
inner join nodes as right_nodes on links.right_node_id = right_nodes.node_id
