-- One row each distinct thing that a CRM ever said of an address; int_leads_matched
-- takes the current one.
with

leads as (

    select * from {{ source('raw', 'leads') }}

)

select
    content_md5,
    {{ one_spelling('email') }} as email,
    cast(properties as varchar) as properties,
    is_customer,
    updated_at,
    nullif(trim(full_name), '') as full_name,
    nullif(trim(company_name), '') as company_name,
    nullif(trim(job_title), '') as job_title,
    nullif(trim(phone), '') as phone,
    nullif(trim(owner), '') as owner,
    nullif(trim(stage), '') as stage
from leads
