-- How many sessions does it take until somebody asks for a demo?
--
-- One row a number of sessions on the site, that of the request itself included: 1
-- means that they asked on their first visit, 0 that the request came from a server
-- and no visit is known. `share_so_far` says how many had asked by then. Each person
-- counts once, with the first request; sessions on a shared device count for whoever
-- was in them. Bots and excluded people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

events as (

    select * from {{ ref('fct_events') }}
    where
        event_type = 'track'
        and event_name = 'demo_request'
        and not is_bot

),

session_people as (

    select
        session_people.person_id,
        session_people.session_id,
        session_people.first_event_at
    from {{ ref('fct_session_people') }} as session_people
    inner join {{ ref('fct_sessions') }} as sessions
        on session_people.session_id = sessions.session_id
    where
        sessions.anonymous_id is not null
        and not sessions.is_bot

),

requests as (

    select
        events.person_id,
        min(events.event_at) as requested_at
    from events
    inner join people on events.person_id = people.person_id
    group by events.person_id

),

counted as (

    select
        requests.person_id,
        count(session_people.session_id) as session_count
    from requests
    left join session_people
        on
            requests.person_id = session_people.person_id
            and requests.requested_at >= session_people.first_event_at
    group by requests.person_id

),

grouped as (

    select
        session_count,
        count(*) as people
    from counted
    group by session_count

)

select
    session_count,
    people,
    people / sum(people) over () as share,
    sum(people) over (order by session_count) / sum(people) over () as share_so_far
from grouped
order by session_count
