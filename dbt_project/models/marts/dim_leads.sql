-- One row an address that a CRM knows, seen on the site or not.
with

leads as (

    select * from {{ ref('int_leads_matched') }}

)

select
    email,
    email_domain,
    email_class,
    person_id,
    account_id,
    full_name,
    job_title,
    company_name,
    phone,
    owner,
    stage,
    properties,
    account_domain,
    updated_at,
    coalesce(is_customer, false) as is_customer,
    person_id is not null as is_seen
from leads
