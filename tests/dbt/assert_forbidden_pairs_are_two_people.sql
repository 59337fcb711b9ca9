-- A returned row is a pair of names that an override keeps apart, and that are one
-- person all the same.
with

overrides as (

    select * from {{ ref('int_overrides_read') }}
    where not is_forced

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

)

select
    overrides.left_node_id,
    overrides.right_node_id,
    left_nodes.person_id
from overrides
inner join nodes as left_nodes on overrides.left_node_id = left_nodes.node_id
inner join nodes as right_nodes on overrides.right_node_id = right_nodes.node_id
where left_nodes.person_id = right_nodes.person_id
