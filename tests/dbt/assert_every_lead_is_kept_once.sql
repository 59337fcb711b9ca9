-- A returned row is an address that the CRM has named and dim_leads lacks, or one that
-- dim_leads made up.
with

told as (

    select distinct email from {{ ref('stg_crm__leads') }}

),

kept as (

    select email from {{ ref('dim_leads') }}

)

select
    told.email as told_email,
    kept.email as kept_email
from told
full outer join kept on told.email = kept.email
where
    told.email is null
    or kept.email is null
