-- How engaged are the sessions of each channel, week by week?
--
-- One row a week (from Monday, UTC) and channel. A session is engaged if it lasted 10
-- seconds, saw two pages or converted; `engaged_rate` is the share of those, the rest
-- bounced. Unassigned holds the events of servers, which see no page. Sessions of bots
-- and of excluded people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

sessions as (

    select
        sessions.channel,
        sessions.is_engaged,
        cast(date_trunc('week', sessions.started_at) as date) as week_start_date
    from {{ ref('fct_sessions') }} as sessions
    inner join people on sessions.person_id = people.person_id
    where not sessions.is_bot

)

select
    week_start_date,
    channel,
    count(*) as session_count,
    count(*) filter (where is_engaged) as engaged_session_count,
    count(*) filter (where is_engaged) / count(*) as engaged_rate
from sessions
group by
    week_start_date,
    channel
order by
    week_start_date asc,
    session_count desc,
    channel asc
