-- One row a session that saw a page: where its first page was, and what led there.
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

sessions as (

    select * from {{ ref('int_sessions_aggregated') }}
    where
        entry_event_id is not null
        {%- if is_update() %}
        -- what is touched has been counted anew, and stands at the end of the table
        and load_id > {{ mark_of(this) }}
        and session_id in (select touched.session_id from touched)
        {%- endif %}

),

ends as (

    select
        entry_event_id as event_id,
        entry_at as event_at
    from sessions
    union
    select
        exit_event_id as event_id,
        exit_at as event_at
    from sessions

),

-- the time is compared as well, so that only the parts of the log are read that hold it
pages as (

    select
        events.event_id,
        events.page_url,
        nullif(trim(events.page_referrer), '') as referrer_url
    from {{ ref('stg_web__events') }} as events
    inner join ends
        on
            events.event_at = ends.event_at
            and events.event_id = ends.event_id

)

select
    sessions.session_id,
    entry_pages.page_url as entry_page_url,
    exit_pages.page_url as exit_page_url,
    entry_pages.referrer_url,
    {{ arrival_id('entry_pages.page_url', 'entry_pages.referrer_url') }} as arrival_id,
    {{ this_load() }} as load_id
from sessions
inner join pages as entry_pages on sessions.entry_event_id = entry_pages.event_id
inner join pages as exit_pages on sessions.exit_event_id = exit_pages.event_id
