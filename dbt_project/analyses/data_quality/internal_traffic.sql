-- How much of the traffic is our own people?
--
-- One row a colleague, known by an address at one of the site domains
-- (INTENT_SITE_DOMAINS), with the share of all sessions that are no bot's. They score
-- nothing and are in no export and no metric. Colleagues who never signed in are not
-- known as such; nobody at all here means that the site domains are not set.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason = 'internal'

),

sessions as (

    select * from {{ ref('fct_sessions') }}
    where not is_bot

),

totals as (

    select count(*) as session_count
    from sessions

),

visits as (

    select
        person_id,
        count(*) as session_count
    from sessions
    group by person_id

)

select
    people.person_id,
    people.full_name,
    people.primary_email,
    people.event_count,
    people.last_seen_at,
    coalesce(visits.session_count, 0) as session_count,
    coalesce(visits.session_count, 0)
    / nullif(totals.session_count, 0) as share_of_sessions
from people
cross join totals
left join visits on people.person_id = visits.person_id
order by
    session_count desc,
    people.person_id asc
