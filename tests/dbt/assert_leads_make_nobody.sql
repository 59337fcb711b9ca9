-- A returned row is a lead whom nobody has seen, and who yet counts as somebody.
with

unseen as (

    select * from {{ ref('dim_leads') }}
    where not is_seen

),

owned as (

    select
        people.person_id,
        identities.identifier as email
    from {{ ref('map_identities') }} as identities
    inner join {{ ref('dim_people') }} as people
        on identities.canonical_person_id = people.person_id
    where identities.identifier_type = 'email'

)

select
    unseen.email,
    owned.person_id
from unseen
inner join owned on unseen.email = owned.email
