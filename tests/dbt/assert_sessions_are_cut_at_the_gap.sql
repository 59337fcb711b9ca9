-- A returned row is a session that begins too soon after the one before, so that both
-- are one, or that holds a gap which should have cut it.
{%- set gap = var('session_gap_seconds') * 1000000 %}
{{ config(tags=['whole_history']) }}

with

sessions as (

    select
        session_id,
        duration_seconds,
        {{ microseconds('started_at') }}
        - {{ microseconds('lag(ended_at) over visitor_timeline') }} as gap_before
    from {{ ref('fct_sessions') }}
    window visitor_timeline as (partition by visitor_id order by session_number)

),

-- no shorter session can hold such a gap
long_sessions as (

    select session_id
    from sessions
    where duration_seconds > {{ var('session_gap_seconds') }}

),

gaps as (

    select
        events.session_id,
        {{ microseconds('events.event_at') }} - {{ microseconds(
            'lag(events.event_at) over (partition by events.session_id'
            ~ ' order by events.event_at)'
        ) }} as gap_inside
    from {{ ref('fct_events') }} as events
    inner join long_sessions on events.session_id = long_sessions.session_id

)

select
    session_id,
    'holds a gap' as fault,
    gap_inside as gap_microseconds
from gaps
where gap_inside > {{ gap }}
{%- if not var('session_break_on_campaign') %}
union all
select
    session_id,
    'begins too soon' as fault,
    gap_before as gap_microseconds
from sessions
where gap_before <= {{ gap }}
{%- endif %}
