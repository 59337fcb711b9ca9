-- One row a session, from its own events alone.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='session_id',
        counted_from='int_events_placed'
    )
}}

with

{% if is_update() -%}
{{ touched_sessions_cte() }}
{% endif %}

events as (

    select placed.*
    from {{ ref('int_events_placed') }} as placed
    {% if is_update() -%}
    inner join touched
        on
            placed.session_date = touched.session_date
            and placed.session_id = touched.session_id
    {% endif -%}
    where
        placed.session_id is not null
        and not placed.is_gone

),

aggregated as (

    select
        session_id,
        min(visitor_id) as visitor_id,
        min_by(event_id, session_position) as first_event_id,
        max_by(slice_id, session_position) as last_slice_id,
        min_by(event_id, session_position) filter (
            where page_class is not null
        ) as entry_event_id,
        min_by(page_class, session_position) filter (
            where page_class is not null
        ) as entry_page_class,
        min_by(event_at, session_position) filter (
            where page_class is not null
        ) as entry_at,
        max_by(event_id, session_position) filter (
            where page_class is not null
        ) as exit_event_id,
        max_by(event_at, session_position) filter (
            where page_class is not null
        ) as exit_at,
        min(bot_name) as bot_name,
        count(*) as event_count,
        count(*) filter (where event_type = 'page') as page_view_count,
        bool_or(has_device) as has_device,
        bool_or(is_conversion) as has_conversion,
        -- a session is a bot's when every event of it is
        bool_and(is_bot) as is_bot,
        bool_and(is_internal) as is_internal,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from events
    group by session_id

),

timed as (

    select
        *,
        ({{ microseconds('ended_at') }} - {{ microseconds('started_at') }}) / 1e6
            as duration_seconds
    from aggregated

)

select
    *,
    {{ this_load() }} as load_id
from timed
