-- One row a person of whom an identify tells something: the last thing told of each
-- kind.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{{ slices_of_touched_cte() }}

events as (

    select placed.*
    from {{ ref('int_events_placed') }} as placed
    where
        not placed.is_gone
        and placed.event_type = 'identify'
        and placed.slice_id is not null
        {%- if is_update() %}
        and placed.slice_id in (select slices.slice_id from slices)
        {%- endif %}

),

-- they are looked for by their times, which are read at a fraction of what the ids cost
identifies as {{ computed_first() if is_update() }} (

    select
        event_id,
        traits
    from {{ ref('stg_web__events') }}
    where
        event_type = 'identify'
        and traits is not null
        {%- if is_update() %}
        and event_at in (select events.event_at from events)
        {%- endif %}

),

told as (

    select
        slices.person_id,
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
        row_number() over (
            partition by slices.person_id order by events.event_at, events.event_id
        ) as recency
    from identifies
    inner join events on identifies.event_id = events.event_id
    inner join slices on events.slice_id = slices.slice_id

)

select
    person_id,
    max_by(full_name, recency) filter (where full_name is not null) as full_name,
    max_by(job_title, recency) filter (where job_title is not null) as job_title,
    max_by(company_name, recency) filter (where company_name is not null)
        as company_name,
    max_by(phone, recency) filter (where phone is not null) as phone
from told
group by person_id
