-- One row a session, from its own events alone.
with

events as (

    select * from {{ ref('int_events_placed') }}
    where session_id is not null

),

aggregated as (

    select
        session_id,
        min(visitor_id) as visitor_id,
        min(anonymous_id) as anonymous_id,
        max_by(slice_id, visitor_position) as last_slice_id,
        min_by(event_id, visitor_position) filter (
            where page_class is not null
        ) as entry_event_id,
        min_by(page_class, visitor_position) filter (
            where page_class is not null
        ) as entry_page_class,
        max_by(event_id, visitor_position) filter (
            where page_class is not null
        ) as exit_event_id,
        min(bot_name) as bot_name,
        min(session_number) as session_number,
        count(*) as event_count,
        count(*) filter (where event_type = 'page') as page_view_count,
        bool_or(is_conversion) as has_conversion,
        -- a session is a bot's when every event of it is
        bool_and(is_bot) as is_bot,
        bool_and(is_internal) as is_internal,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from events
    group by session_id

)

select
    *,
    ({{ microseconds('ended_at') }} - {{ microseconds('started_at') }}) / 1e6
        as duration_seconds
from aggregated
