-- On which entry pages do people arrive who later tell who they are?
--
-- One row a page, without its query, on which people came in for the first time,
-- unknown. `identified_rate` is the share of them who gave a user id or an address
-- since, however much later; `median_hours` is how long that took. Look at pages with
-- enough people, and pass over those behind a sign-in, which identify everybody. Two
-- devices of somebody who never gave a name count as two; bots and excluded people do
-- not.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

events as (

    select * from {{ ref('fct_events') }}
    where not is_bot

),

sessions as (

    select * from {{ ref('fct_sessions') }}
    where not is_bot

),

namings as (

    select
        person_id,
        min(event_at) as named_at
    from events
    where
        user_id is not null
        or email is not null
    group by person_id

),

first_sessions as (

    select *
    from sessions
    qualify row_number() over (
        partition by person_id order by started_at, session_id
    ) = 1

),

arrivals as (

    select
        first_sessions.person_id,
        namings.named_at,
        regexp_extract(first_sessions.entry_page_url, '^[^?#]*', 0) as entry_page,
        (
            {{ microseconds('namings.named_at') }}
            - {{ microseconds('first_sessions.started_at') }}
        ) / 3600e6 as wait_hours
    from first_sessions
    inner join people on first_sessions.person_id = people.person_id
    left join namings on first_sessions.person_id = namings.person_id
    where
        first_sessions.entry_page_url is not null
        -- who signs in with the first event has not been won by a page
        and (
            namings.named_at is null
            or first_sessions.started_at < namings.named_at
        )

)

select
    entry_page,
    count(*) as people,
    count(named_at) as identified_people,
    count(named_at) / count(*) as identified_rate,
    median(wait_hours) as median_hours
from arrivals
group by entry_page
order by
    identified_people desc,
    people desc,
    entry_page asc
