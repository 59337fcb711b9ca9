-- How long does it take from the first visit until we know who it is?
--
-- One row a channel of the first session, over the people who gave a user id or an
-- address. `named_at_once` gave it with their very first event (a server's, or a
-- sign-in). The shares say how many had given it within a day and within a week of the
-- first event. Excluded people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where
        exclusion_reason is null
        and is_identified

),

events as (

    select * from {{ ref('fct_events') }}
    where
        user_id is not null
        or email is not null

),

namings as (

    select
        person_id,
        min(event_at) as named_at
    from events
    group by person_id

),

waits as (

    select
        coalesce(people.first_channel, 'No visit') as first_channel,
        (
            {{ microseconds('namings.named_at') }}
            - {{ microseconds('people.first_seen_at') }}
        ) / 3600e6 as wait_hours
    from people
    inner join namings on people.person_id = namings.person_id

)

select
    first_channel,
    count(*) as identified_people,
    count(*) filter (where wait_hours = 0) as named_at_once,
    count(*) filter (where wait_hours <= 24) / count(*) as share_within_a_day,
    count(*) filter (where wait_hours <= 168) / count(*) as share_within_a_week,
    median(wait_hours) as median_hours
from waits
group by first_channel
order by
    identified_people desc,
    first_channel asc
