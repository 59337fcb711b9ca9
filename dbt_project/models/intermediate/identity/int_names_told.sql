-- One row an event that tells who somebody is: by its address, or as an identify. In
-- most logs few events do, and nobody who asks reads the others; what an identify says
-- is read once.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['event_at', 'event_id'],
        counted_from='int_events_placed'
    )
}}

with

placed as (

    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and slice_id is not null
        and (email is not null or event_type = 'identify')
        {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
        {%- endif %}

),

-- found by their times, in those parts of the log that hold them
identifies as {{ computed_first() if is_update() }} (

    select
        event_id,
        traits
    from {{ ref('stg_web__events') }}
    where
        event_type = 'identify'
        and traits is not null
        {%- if is_update() %}
        and event_at in (
            select placed.event_at from placed
            where placed.event_type = 'identify'
        )
        {%- endif %}

)

select
    placed.event_id,
    placed.event_type,
    placed.email,
    placed.slice_id,
    coalesce(
        {{ first_told('identifies.traits', ['name', 'full_name', 'fullName']) }},
        nullif(concat_ws(
            ' ',
            {{ first_told('identifies.traits', ['firstName', 'first_name']) }},
            {{ first_told('identifies.traits', ['lastName', 'last_name']) }}
        ), '')
    ) as full_name,
    {{ first_told('identifies.traits', ['title', 'job_title', 'jobTitle']) }}
        as job_title,
    {{ first_told(
        'identifies.traits',
        ['$.company.name', 'company', 'company_name', 'companyName']
    ) }} as company_name,
    {{ first_told('identifies.traits', ['phone']) }} as phone,
    placed.user_id is not null as has_user_id,
    placed.event_at
from placed
left join identifies on placed.event_id = identifies.event_id
