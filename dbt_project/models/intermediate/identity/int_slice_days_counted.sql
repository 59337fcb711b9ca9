-- One row a slice and UTC day: what happened in it. A day is counted by itself, so that
-- an event, however late, touches one row.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['slice_id', 'event_date'],
        counted_from='int_events_placed'
    )
}}

with

{% if is_update() -%}
touched as (

    select distinct
        slice_id,
        event_date
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and slice_id is not null

),
{% endif %}

events as (

    select placed.*
    from {{ ref('int_events_placed') }} as placed
    {% if is_update() -%}
    inner join touched
        on
            placed.event_date = touched.event_date
            and placed.slice_id = touched.slice_id
    {% endif -%}
    where
        placed.slice_id is not null
        and not placed.is_gone

),

counted as (

    select
        slice_id,
        event_date,
        min(visitor_id) as visitor_id,
        -- null where no event names anybody
        min(owner_node_id) as owner_node_id,
        bool_or(has_device) as has_device,
        bool_or(is_address_visitor) as is_address_visitor,
        count(*) as event_count,
        count(*) filter (where is_bot) as bot_event_count,
        count(*) filter (where is_internal and not is_bot) as internal_event_count,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at
    from events
    group by
        slice_id,
        event_date

)

select * from counted
