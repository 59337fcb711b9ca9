-- One row a session and person: two people can be in one session, on a shared device.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='session_id',
        alive_column='person_id',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
{{ slices_handed_over_ctes() }}

touched as {{ computed_first() }} (

    select
        session_date,
        session_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and session_id is not null
    union
    select
        session_date,
        session_id
    from {{ ref('int_events_placed') }}
    where
        not is_gone
        and session_id is not null
        and slice_id in (select handed_over.slice_id from handed_over)
        and event_date in (select days_handed_over.event_date from days_handed_over)

),

touched_days as (

    {{ few_of('session_date', 'touched') }}

),

placed_on_those_days as (

    select * from {{ ref('int_events_placed') }}
    where session_date in (select touched_days.session_date from touched_days)

),
{% endif %}

events as {{ computed_first() }} (

    select placed.*
    from
        {{ 'placed_on_those_days' if is_update() else ref('int_events_placed') }}
            as placed
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

{{ owners_of_slices_ctes('events') }}

counted as (

    select
        events.session_id,
        slices.person_id,
        count(*) as event_count,
        min(events.event_at) as first_event_at,
        max(events.event_at) as last_event_at
    from events
    inner join slices on events.slice_id = slices.slice_id
    group by
        events.session_id,
        slices.person_id

)
{% if is_update() %}
select
    touched.session_id,
    counted.person_id,
    counted.event_count,
    counted.first_event_at,
    counted.last_event_at
from (select distinct session_id from touched) as touched
left join counted on touched.session_id = counted.session_id
{% else %}
select
    session_id,
    person_id,
    event_count,
    first_event_at,
    last_event_at
from counted
{% endif %}
