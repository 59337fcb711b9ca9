-- One row an event, narrow, with its session and its slice. A session is cut where the
-- gap is longer than the rule allows, never at midnight; group and alias calls are in
-- none. Its id is made from its first event, so a late event renames only the session
-- that it touches. The slice says whose the event is (int_slices_owned), so a promotion
-- or a merge changes a row there and none here.
--
-- What has changed touches the sessions that it lies in or near: those are cut anew,
-- and of their events the ones that come out otherwise are written. The earlier row of
-- an event stays, with is_gone. Days stand beside ids wherever something is looked for:
-- the table is in time's order, so only those parts of it are read that hold them.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['event_at', 'event_id'],
        keeps_gone=true
    )
}}

{%- set campaign = ['campaign'] if var('session_break_on_campaign') else [] %}
{%- set columns = [
    'event_id', 'visitor_id', 'event_type', 'event_name', 'user_id', 'email',
    'owner_node_id', 'page_class', 'agent_id', 'bot_name', 'has_device',
    'is_address_visitor', 'is_consent_denied', 'is_bot', 'is_internal', 'is_conversion',
    'event_at'
] + campaign %}
{%- set session = ['session_id', 'session_date', 'session_position'] %}
{%- set timeline = ['event_id', 'visitor_id', 'event_at'] + campaign %}
{%- set gap = var('session_gap_seconds') %}
{%- set reach = (gap | int) // 86400 + 1 %}
{%- set in_a_session
    = "visitor_id is not null and event_type not in ('group', 'alias')" %}

with

{% if is_update() -%}
changed as (

    select * from {{ ref('int_events_prepared') }}
    where load_id > {{ mark_of(this) }}

),

events as (

    select * from changed
    where not is_gone

),

recuts as (

    select
        visitor_id,
        cast(named_at as date) as event_date
    from {{ ref('int_slices_cut') }}
    where
        load_id > {{ mark_of(this) }}
        and slice_number > 1

),

touched_visitors as (

    select visitor_id from changed
    union
    select visitor_id from recuts

),

-- no event within a gap of a changed one lies on another day; what campaign brought a
-- visitor may be told by any earlier one
days_nearby as (
    {% if var('session_break_on_campaign') %}
    select distinct event_date from {{ this }}
    {%- else %}
    {%- for days in range(-reach, reach + 1) %}
    {{ 'union' if not loop.first }}
    select {{ days_before('event_date', days) }} as event_date from changed
    {%- endfor %}
    {%- endif %}

),

events_nearby as {{ computed_first() }} (

    select
        visitor_id,
        session_id,
        session_date,
        event_at
    from {{ this }}
    where
        not is_gone
        and session_id is not null
        and event_date in (select days_nearby.event_date from days_nearby)
        and visitor_id in (select touched_visitors.visitor_id from touched_visitors)

),

-- no other event of the visitor lies within a gap of those in these sessions
touched_sessions as (

    select distinct
        events_nearby.session_id,
        events_nearby.session_date
    from events_nearby
    inner join changed
        on
            changed.visitor_id is not null
            {%- if not var('session_break_on_campaign') %}
            and abs(
                {{ microseconds('events_nearby.event_at') }}
                - {{ microseconds('changed.event_at') }}
            ) <= {{ gap }} * 1000000
            {%- endif %}
            and events_nearby.visitor_id = changed.visitor_id

),

-- what is here already in the sessions and on the devices touched, and of events that
-- were replaced
earlier as (

    select events.*
    from {{ this }} as events
    inner join touched_sessions
        on
            events.session_date = touched_sessions.session_date
            and events.session_id = touched_sessions.session_id
    where not events.is_gone
    union
    select * from {{ this }}
    where
        not is_gone
        and visitor_id in (select recuts.visitor_id from recuts)
        -- before the first cut that came or went nothing changes hands
        and event_date in (
            select kept_days.event_date
            from (select distinct event_date from {{ this }}) as kept_days
            where kept_days.event_date >= (select min(recuts.event_date) from recuts)
        )
    union
    select events.*
    from {{ this }} as events
    inner join changed
        on
            changed.is_gone
            and events.event_at = changed.event_at
            and events.event_id = changed.event_id
    where not events.is_gone

),

kept as (

    select * from earlier
    where event_id not in (select changed.event_id from changed)

),
{%- else -%}
events as {{ read_each_time() }} (

    select * from {{ ref('int_events_prepared') }}
    where not is_gone

),
{%- endif %}

-- what is new, and of what is here already the sessions and the devices touched
looked_at as {{ read_each_time() }} (

    select
        {{ columns | join(', ') }},
        cast(null as {{ id_type() }}) as session_id,
        cast(null as date) as session_date,
        cast(null as bigint) as session_position
    from events
    {%- if is_update() %}
    union all
    select {{ (columns + session) | join(', ') }}
    from kept
    where
        session_id in (select touched_sessions.session_id from touched_sessions)
        or visitor_id in (select recuts.visitor_id from recuts)
    {%- endif %}

),

session_events as (

    select {{ timeline | join(', ') }}
    from events
    where {{ in_a_session }}
    {%- if is_update() %}
    union all
    select {{ timeline | join(', ') }}
    from kept
    where session_id in (select touched_sessions.session_id from touched_sessions)
    {%- endif %}

),

-- windows over narrow rows; what else is known of an event is joined to what comes out
gaps as (

    select
        event_id,
        visitor_id,
        cast(event_at as date) as event_date,
        {%- if var('session_break_on_campaign') %}
        campaign,
        {{ last_known('campaign') }} over earlier_events as previous_campaign,
        {%- endif %}
        row_number() over visitor_timeline as visitor_position,
        {{ microseconds('event_at') }}
        - {{ microseconds('lag(event_at) over visitor_timeline') }}
            as microseconds_since_previous
    from session_events
    window
        visitor_timeline as (partition by visitor_id order by event_at, event_id),
        earlier_events as (
            partition by visitor_id order by event_at, event_id
            rows between unbounded preceding and 1 preceding
        )

),

starts as (

    select
        *,
        (
            microseconds_since_previous is null
            or microseconds_since_previous > {{ gap }} * 1000000
            {%- if var('session_break_on_campaign') %}
            or coalesce(campaign != coalesce(previous_campaign, ''), false)
            {%- endif %}
        ) as is_start
    from gaps

),

sessions as (

    select
        event_id,
        {{ last_known(
            "case when is_start then " ~ session_id('visitor_id', 'event_id') ~ " end"
        ) }} over so_far as session_id,
        {{ last_known('case when is_start then event_date end') }} over so_far
            as session_date,
        visitor_position + 1
        - {{ last_known('case when is_start then visitor_position end') }} over so_far
            as session_position
    from starts
    window so_far as (
        partition by visitor_id order by visitor_position
        rows between unbounded preceding and current row
    )

),

-- most devices have one slice, which holds whatever happens on them
later_slices as (

    select * from {{ ref('int_slices_cut') }}
    where
        not is_gone
        and slice_number > 1

),

shared_timeline as (

    select
        visitor_id,
        event_id,
        event_at,
        1 as slice_number,
        true as is_event
    from looked_at
    where
        not is_address_visitor
        and visitor_id in (select later_slices.visitor_id from later_slices)
    union all
    select
        visitor_id,
        naming_event_id as event_id,
        named_at as event_at,
        slice_number,
        false as is_event
    from later_slices
    {%- if is_update() %}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)
    {%- endif %}

),

shared_events as (

    select
        visitor_id,
        event_id,
        is_event,
        -- slices are numbered in time; of one moment the start sorts before the event
        max(slice_number) over (
            partition by visitor_id order by event_at, event_id, is_event
            rows between unbounded preceding and current row
        ) as slice_number
    from shared_timeline

),

events_in_later_slices as (

    select
        shared_events.event_id,
        later_slices.slice_id
    from shared_events
    inner join later_slices
        on
            shared_events.visitor_id = later_slices.visitor_id
            and shared_events.slice_number = later_slices.slice_number
    where shared_events.is_event

),

placed as (

    select
        {{ 'looked_at.' ~ columns | join(', looked_at.') }},
        {%- for column in session %}
        coalesce(sessions.{{ column }}, looked_at.{{ column }}) as {{ column }},
        {%- endfor %}
        cast(looked_at.event_at as date) as event_date,
        case
            when looked_at.visitor_id is null then null
            -- several people at one address: each event for itself
            when looked_at.is_address_visitor
                then {{ slice_id(
                    'looked_at.visitor_id', "coalesce(looked_at.owner_node_id, '')"
                ) }}
            else coalesce(
                events_in_later_slices.slice_id,
                {{ first_slice_id('looked_at.visitor_id') }}
            )
        end as slice_id,
        {{ this_load() }} as load_id,
        false as is_gone
    from looked_at
    left join sessions on looked_at.event_id = sessions.event_id
    left join events_in_later_slices
        on looked_at.event_id = events_in_later_slices.event_id

){{ ',' if is_update() }}

{% if is_update() -%}
placed_otherwise as (

    select placed.*
    from placed
    left join kept on placed.event_id = kept.event_id
    where
        kept.event_id is null
        {%- for column in session + ['slice_id'] %}
        or placed.{{ column }} is distinct from kept.{{ column }}
        {%- endfor %}

),

replaced as (

    select
        {{ (columns + session) | join(', ') }},
        event_date,
        slice_id,
        {{ this_load() }} as load_id,
        true as is_gone
    from earlier
    where
        event_id in (select placed_otherwise.event_id from placed_otherwise)
        or event_id in (
            select changed.event_id from changed
            where changed.is_gone
        )

)

select * from placed_otherwise
union all
select * from replaced
{%- else -%}
-- in time's order, so that a day's events are found in one part of the table
select * from placed
order by event_at
{%- endif %}
