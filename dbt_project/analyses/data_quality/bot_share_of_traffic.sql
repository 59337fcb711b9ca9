-- What share of the traffic is bots?
--
-- One row a week (from Monday, UTC), of all events and sessions that there are, also
-- of colleagues. An event is a bot's by its user agent; a session is one if all its
-- events are. A share that jumps is a crawler that came, or a filter in front that
-- broke. Bots that pose as browsers are not seen here.
with

weeks as (

    select distinct week_start_date
    from {{ ref('dim_dates') }}

),

events as (

    select
        cast(date_trunc('week', event_at) as date) as week_start_date,
        count(*) as event_count,
        count(*) filter (where is_bot) as bot_event_count,
        count(distinct bot_name) as known_bots
    from {{ ref('fct_events') }}
    group by cast(date_trunc('week', event_at) as date)

),

sessions as (

    select
        cast(date_trunc('week', started_at) as date) as week_start_date,
        count(*) as session_count,
        count(*) filter (where is_bot) as bot_session_count
    from {{ ref('fct_sessions') }}
    group by cast(date_trunc('week', started_at) as date)

)

select
    weeks.week_start_date,
    coalesce(events.event_count, 0) as event_count,
    coalesce(events.bot_event_count, 0) as bot_event_count,
    events.bot_event_count / events.event_count as bot_event_share,
    coalesce(sessions.session_count, 0) as session_count,
    coalesce(sessions.bot_session_count, 0) as bot_session_count,
    sessions.bot_session_count / sessions.session_count as bot_session_share,
    coalesce(events.known_bots, 0) as known_bots
from weeks
left join events on weeks.week_start_date = events.week_start_date
left join sessions on weeks.week_start_date = sessions.week_start_date
order by weeks.week_start_date
