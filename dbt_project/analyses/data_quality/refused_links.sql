-- Which names were not joined, though an event said that they belong together?
--
-- One row a refused link, the latest first, with the people behind both names as they
-- are now. A user id with many addresses is often a shared login or a test account;
-- block it (seeds/identity/blocked_identifiers.csv), or raise the limit
-- (seeds/identity/identity_limits.csv) if such people are real. `are_one_person` says
-- that other links joined them all the same.
with

links as (

    select * from {{ ref('map_refused_links') }}

),

identities as (

    select
        identifier_type,
        identifier,
        canonical_person_id
    from {{ ref('map_identities') }}
    where identifier_type in ('user_id', 'email')

),

people as (

    select * from {{ ref('dim_people') }}

)

select
    links.event_at,
    links.link_type,
    links.left_identifier_type,
    links.left_identifier,
    links.right_identifier_type,
    links.right_identifier,
    links.reason,
    left_people.full_name as left_name,
    left_people.intent_band as left_band,
    right_people.full_name as right_name,
    right_people.intent_band as right_band,
    links.event_id,
    left_identities.canonical_person_id
    = right_identities.canonical_person_id as are_one_person
from links
left join identities as left_identities
    on
        links.left_identifier_type = left_identities.identifier_type
        and links.left_identifier = left_identities.identifier
left join identities as right_identities
    on
        links.right_identifier_type = right_identities.identifier_type
        and links.right_identifier = right_identities.identifier
left join people as left_people
    on left_identities.canonical_person_id = left_people.person_id
left join people as right_people
    on right_identities.canonical_person_id = right_people.person_id
order by
    links.event_at desc,
    links.event_id asc
