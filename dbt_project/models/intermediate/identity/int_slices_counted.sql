-- One row a slice that holds an event: what happened in it, over all its days.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='slice_id',
        counted_from='int_events_placed'
    )
}}

with

{% if is_update() -%}
touched as (

    select distinct
        slice_id,
        visitor_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and slice_id is not null

),
{% endif %}

slice_days as (

    select
        slice_days.slice_id,
        -- that of what has changed is at hand; among all days it would be looked for
        {{ 'touched' if is_update() else 'slice_days' }}.visitor_id,
        slice_days.owner_node_id,
        slice_days.has_device,
        slice_days.is_address_visitor,
        slice_days.event_count,
        slice_days.bot_event_count,
        slice_days.internal_event_count,
        slice_days.first_seen_at,
        slice_days.last_seen_at
    from {{ ref('int_slice_days_counted') }} as slice_days
    {% if is_update() -%}
    inner join touched on slice_days.slice_id = touched.slice_id
    {%- endif %}

),

counted as (

    select
        slice_id,
        min(visitor_id) as visitor_id,
        min(owner_node_id) as owner_node_id,
        bool_or(has_device) as has_device,
        bool_or(is_address_visitor) as is_address_visitor,
        sum(event_count) as event_count,
        sum(bot_event_count) as bot_event_count,
        sum(internal_event_count) as internal_event_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from slice_days
    group by slice_id

)

select * from counted
