-- One row a linked node: the component that it would belong to if no link were refused,
-- and whether that component holds a conflict (too many names, or two that may not be
-- one person), so that its links must be taken in order.
with

overrides as (

    select * from {{ ref('int_overrides_read') }}

),

links as (

    select
        left_node_id,
        right_node_id
    from {{ ref('int_links_found') }}
    union
    select
        left_node_id,
        right_node_id
    from overrides
    where is_forced

),

components as (

    {{ connected_components('links') }}

),

limits as (

    select * from {{ ref('identity_limits') }}

),

over_limit as (

    select counted.component_id
    from (
        select
            component_id,
            {{ node_type('node_id') }} as identifier_type,
            count(*) as identifier_count
        from components
        group by all
    ) as counted
    inner join limits
        on
            counted.identifier_type = limits.identifier_type
            and counted.identifier_count > limits.maximum_per_person

),

against_a_word as (

    select left_ends.component_id
    from overrides
    inner join components as left_ends on overrides.left_node_id = left_ends.node_id
    inner join components as right_ends on overrides.right_node_id = right_ends.node_id
    where
        not overrides.is_forced
        and left_ends.component_id = right_ends.component_id

),

conflicts as (

    select component_id from over_limit
    union
    select component_id from against_a_word

)

select
    components.node_id,
    components.component_id,
    conflicts.component_id is not null as has_conflict
from components
left join conflicts on components.component_id = conflicts.component_id
