-- A returned row is a pair of names that an override makes one person, and that are
-- two. One that another override forbids is told of before a refresh builds anything.
with

overrides as (

    select * from {{ ref('int_overrides_read') }}
    where is_forced

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

)

select
    overrides.left_node_id,
    overrides.right_node_id,
    left_nodes.person_id,
    right_nodes.person_id as other_person_id
from overrides
inner join nodes as left_nodes on overrides.left_node_id = left_nodes.node_id
inner join nodes as right_nodes on overrides.right_node_id = right_nodes.node_id
where left_nodes.person_id != right_nodes.person_id
