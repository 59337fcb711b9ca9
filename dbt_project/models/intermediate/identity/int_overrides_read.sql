-- One row a pair of names that a person has decided upon, written as links are. A name
-- that no event carries stays: two names forced to it are forced to each other.
with

overrides as (

    select * from {{ ref('identity_overrides') }}

),

pairs as (

    select
        action,
        {{ written_node_id('first_type', 'first_identifier') }} as node_id,
        {{ written_node_id('second_type', 'second_identifier') }} as other_node_id
    from overrides

)

select distinct
    least(node_id, other_node_id) as left_node_id,
    greatest(node_id, other_node_id) as right_node_id,
    action = 'force' as is_forced
from pairs
where node_id != other_node_id
