-- One row a slice, UTC day and user agent of somebody named or not. Kept by slice, so
-- that a merge changes no row.
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

placed as (

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

)

select distinct
    slice_id,
    event_date,
    agent_id
from placed
where agent_id is not null
