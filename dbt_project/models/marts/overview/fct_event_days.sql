-- One row a UTC day with an event: how many, and how many came late. A day is counted
-- by itself, so that an event touches one row, however late.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_date',
        counted_from='int_events_prepared',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
touched as (

    select distinct event_date
    from {{ ref('int_events_prepared') }}
    where load_id > {{ mark_of(this) }}

),
{% endif %}

events as (

    select
        placed.event_date,
        placed.is_late
    from {{ ref('int_events_prepared') }} as placed
    {% if is_update() -%}
    inner join touched on placed.event_date = touched.event_date
    {% endif -%}
    where not placed.is_gone

)

select
    event_date,
    count(*) as event_count,
    count(*) filter (where is_late) as late_event_count
from events
group by event_date
