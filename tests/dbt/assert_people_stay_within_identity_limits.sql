-- A returned row is a person with more names of a kind than the seed identity_limits
-- allows.
with

counted as (

    select
        canonical_person_id,
        identifier_type,
        count(*) as identifier_count
    from {{ ref('map_identities') }}
    where identifier_type != 'anonymous_id'
    group by canonical_person_id, identifier_type

)

select
    counted.canonical_person_id,
    counted.identifier_type,
    counted.identifier_count,
    limits.maximum_per_person
from counted
inner join {{ ref('identity_limits') }} as limits
    on counted.identifier_type = limits.identifier_type
where counted.identifier_count > limits.maximum_per_person
