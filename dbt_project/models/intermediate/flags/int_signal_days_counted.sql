-- One row a slice, UTC day and signal of seeds/flags/flag_signals.csv with a matching
-- event. Such events are few, and which days a signal looks at changes with the day.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['slice_id', 'event_date'],
        counted_from='int_events_placed',
        meta={'reads': {
            'flag_signals': ['signal_id', 'event_type', 'event_name', 'page_class']
        }}
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

signals as (

    select * from {{ ref('flag_signals') }}

),

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
        not placed.is_gone
        and placed.slice_id is not null
        and not placed.is_bot
        and not placed.is_internal

)

select
    events.slice_id,
    signals.signal_id,
    events.event_date,
    count(*) as event_count
from events
inner join signals
    on
        (signals.event_type is null or events.event_type = signals.event_type)
        and (signals.event_name is null or events.event_name = signals.event_name)
        and (signals.page_class is null or events.page_class = signals.page_class)
group by
    events.slice_id,
    signals.signal_id,
    events.event_date
