-- One row a session that saw a page: where its first page was, and what led there.
with

sessions as (

    select * from {{ ref('int_sessions_aggregated') }}

),

events as (

    select * from {{ ref('stg_web__events') }}

)

select
    sessions.session_id,
    entry_events.page_url as entry_page_url,
    exit_events.page_url as exit_page_url,
    nullif(trim(entry_events.page_referrer), '') as referrer_url
from sessions
inner join events as entry_events
    on sessions.entry_event_id = entry_events.event_id
inner join events as exit_events
    on sessions.exit_event_id = exit_events.event_id
