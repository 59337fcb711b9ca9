-- Who is active on two devices or more?
--
-- People whose events of the last 30 days came from several devices, the most first.
-- They are one person because each device named them: a visit by telephone and one
-- from the office add up in one score. A browser that forgets its cookie counts as a
-- new device. Visitors of an access log are made from address and agent and tell
-- nothing of devices, so they are left out, as bots and excluded people are.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

events as (

    select * from {{ ref('fct_events') }}
    where
        anonymous_id is not null
        and source != 'access_log'
        and not is_bot

),

recent_events as (

    select
        people.person_id,
        people.full_name,
        people.primary_email,
        people.intent_band,
        events.anonymous_id,
        events.session_id,
        events.event_at
    from events
    inner join people on events.person_id = people.person_id
    where
        cast(events.event_at as date) > {{ days_before('people.as_of_date', 30) }}
        and cast(events.event_at as date) <= people.as_of_date

)

select
    person_id,
    full_name,
    primary_email,
    intent_band,
    count(distinct anonymous_id) as device_count,
    count(distinct session_id) as session_count,
    count(*) as event_count,
    max(event_at) as last_event_at
from recent_events
group by
    person_id,
    full_name,
    primary_email,
    intent_band
having count(distinct anonymous_id) >= 2
order by
    device_count desc,
    session_count desc,
    person_id asc
