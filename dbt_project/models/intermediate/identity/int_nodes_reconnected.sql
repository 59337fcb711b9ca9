-- One row a node of a component with a conflict: its component once the refused links
-- are gone.
with

accepted as (

    select
        links.left_node_id,
        links.right_node_id
    from {{ ref('int_links_decided') }} as links
    inner join {{ ref('int_nodes_connected') }} as nodes
        on links.left_node_id = nodes.node_id
    where
        links.is_accepted
        and nodes.has_conflict

),

components as (

    {{ connected_components('accepted') }}

)

select
    node_id,
    component_id
from components
