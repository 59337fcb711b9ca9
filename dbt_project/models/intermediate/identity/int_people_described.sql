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

identifies as (

    select * from {{ ref('int_names_told') }}
    where coalesce(full_name, job_title, company_name, phone) is not null

),

told as (

    select
        slices.person_id,
        identifies.full_name,
        identifies.job_title,
        identifies.company_name,
        identifies.phone,
        row_number() over (
            partition by slices.person_id
            order by identifies.event_at, identifies.event_id
        ) as recency
    from identifies
    inner join slices on identifies.slice_id = slices.slice_id

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
