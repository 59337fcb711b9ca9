-- One row a linked node: the component that it would belong to if no link were refused,
-- and whether that component exceeds a limit, so that its links must be taken in order.
with

components as (

    {{ connected_components(ref('int_links_found')) }}

),

nodes as (

    select * from {{ ref('int_nodes_found') }}

),

limits as (

    select * from {{ ref('identity_limits') }}

),

over_limit as (

    select distinct counted.component_id
    from (
        select
            components.component_id,
            nodes.identifier_type,
            count(*) as identifier_count
        from components
        inner join nodes on components.node_id = nodes.node_id
        group by all
    ) as counted
    inner join limits
        on
            counted.identifier_type = limits.identifier_type
            and counted.identifier_count > limits.maximum_per_person

)

select
    components.node_id,
    components.component_id,
    over_limit.component_id is not null as is_over_limit
from components
left join over_limit on components.component_id = over_limit.component_id
