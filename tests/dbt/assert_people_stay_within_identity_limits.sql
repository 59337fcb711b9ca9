-- A returned row is a person with more names of a kind than the seed identity_limits
-- allows. An override may make such a person: forced links know no limit.
with

counted as (

    select
        canonical_person_id,
        identifier_type,
        count(*) as identifier_count
    from {{ ref('map_identities') }}
    where identifier_type != 'anonymous_id'
    group by canonical_person_id, identifier_type

),

forced as (

    select nodes.person_id
    from {{ ref('int_overrides_read') }} as overrides
    inner join {{ ref('int_nodes_owned') }} as nodes
        on nodes.node_id in (overrides.left_node_id, overrides.right_node_id)
    where overrides.is_forced

)

select
    counted.canonical_person_id,
    counted.identifier_type,
    counted.identifier_count,
    limits.maximum_per_person
from counted
inner join {{ ref('identity_limits') }} as limits
    on counted.identifier_type = limits.identifier_type
where
    counted.identifier_count > limits.maximum_per_person
    and counted.canonical_person_id not in (select forced.person_id from forced)
