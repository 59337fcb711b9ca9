-- One row an offer, person and step that the person reached, at the first time. Where
-- they came from is that of their first step, for all steps, so that a channel's people
-- can be followed down.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        alive_column='event_id',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
{{ touched_steppers_cte() }}
{% endif %}

steps as (

    select * from {{ ref('lead_magnet_steps') }}

),

taken as (

    select taken.*
    from {{ ref('int_lead_magnet_steps_owned') }} as taken
    {% if is_update() -%}
    inner join touched on taken.person_id = touched.person_id
    {% endif -%}
    where
        not taken.is_gone
        and taken.person_id is not null

),

origins as (

    select * from {{ ref('int_lead_magnet_steps_channelled') }}

),

first_of_each as (

    select * from taken
    qualify row_number() over (
        partition by offer_id, person_id, step
        order by event_at, event_id
    ) = 1

),

reached as (

    select
        first_of_each.*,
        steps.step_number,
        steps.ga4_event_name,
        steps.meaning,
        first_value(first_of_each.event_id) over (
            partition by first_of_each.offer_id, first_of_each.person_id
            order by first_of_each.event_at, first_of_each.event_id
        ) as first_event_id,
        lag(first_of_each.event_at) over own_steps as previous_at,
        lag(steps.step_number) over own_steps as previous_number
    from first_of_each
    inner join steps on first_of_each.step = steps.step
    window
        own_steps as (
            partition by first_of_each.offer_id, first_of_each.person_id
            order by steps.step_number
        )

),

told as (

    select
        reached.offer_id,
        reached.person_id,
        reached.step,
        reached.step_number,
        reached.ga4_event_name,
        reached.meaning,
        reached.event_id,
        reached.request_id,
        reached.session_id,
        origins.channel,
        origins.source,
        origins.medium,
        origins.campaign,
        reached.previous_number as previous_step_number,
        case
            when reached.event_at >= reached.previous_at
                then {{ seconds_between('reached.previous_at', 'reached.event_at') }}
        end as seconds_since_previous,
        reached.event_at as reached_at
    from reached
    inner join origins on reached.first_event_id = origins.event_id

)
{% if is_update() %}
select
    told.offer_id,
    touched.person_id,
    told.step,
    told.step_number,
    told.ga4_event_name,
    told.meaning,
    told.event_id,
    told.request_id,
    told.session_id,
    told.channel,
    told.source,
    told.medium,
    told.campaign,
    told.previous_step_number,
    told.seconds_since_previous,
    told.reached_at
from touched
left join told on touched.person_id = told.person_id
{% else %}
select * from told
{% endif %}
