-- One row an event that converts, of a person who is not excluded from scores.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true,
        on_schema_change='fail'
    )
}}

with

{{ slices_of_touched_cte() }}

people as (

    select * from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

conversions as (

    select * from {{ ref('int_conversions_valued') }}

)

select
    conversions.event_id as conversion_id,
    slices.person_id,
    people.account_id,
    conversions.session_id,
    conversions.visitor_id,
    conversions.event_name,
    conversions.conversion_name,
    conversions.currency,
    conversions.value,
    conversions.is_value_stated,
    conversions.event_at as converted_at
from conversions
inner join slices on conversions.slice_id = slices.slice_id
inner join people on slices.person_id = people.person_id
left join flagged on conversions.visitor_id = flagged.visitor_id
where flagged.visitor_id is null
