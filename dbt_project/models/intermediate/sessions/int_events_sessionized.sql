-- One row an event, with the session that it falls in: none for group and alias calls,
-- and none where there is no visitor. A session is cut where the gap is longer than the
-- rule allows, never at midnight; its id is made from its first event, so a late event
-- renames only the session that it touches.
with

events as (

    select * from {{ ref('int_events_prepared') }}

),

session_events as (

    select *
    from events
    where
        visitor_id is not null
        and event_type not in ('group', 'alias')

),

other_events as (

    select *
    from events
    where
        visitor_id is null
        or event_type in ('group', 'alias')

),

gaps as (

    select
        *,
        {%- if var('session_break_on_campaign') %}
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
        case
            when
                microseconds_since_previous is null
                or microseconds_since_previous
                > {{ var('session_gap_seconds') }} * 1000000
                {%- if var('session_break_on_campaign') %}
                or campaign != coalesce(previous_campaign, '')
                {%- endif %}
                then {{ stretch_id('visitor_id', 'event_id') }}
        end as starting_session_id
    from gaps

),

sessions as (

    select
        *,
        {{ last_known('starting_session_id') }} over earlier_events as session_id,
        count(starting_session_id) over earlier_events as session_number
    from starts
    window earlier_events as (
        partition by visitor_id order by visitor_position
        rows between unbounded preceding and current row
    )

),

events_in_and_out as (

    select
        event_id,
        event_type,
        event_name,
        visitor_id,
        anonymous_id,
        user_id,
        email,
        owner_node_id,
        session_id,
        page_class,
        bot_name,
        session_number,
        visitor_position,
        is_address_visitor,
        is_consent_denied,
        is_bot,
        is_internal,
        is_conversion,
        event_at
    from sessions
    union all
    select
        event_id,
        event_type,
        event_name,
        visitor_id,
        anonymous_id,
        user_id,
        email,
        owner_node_id,
        cast(null as varchar) as session_id,
        page_class,
        bot_name,
        cast(null as bigint) as session_number,
        cast(null as bigint) as visitor_position,
        is_address_visitor,
        is_consent_denied,
        is_bot,
        is_internal,
        is_conversion,
        event_at
    from other_events

)

select * from events_in_and_out
