-- One row an address that may leave for Salesforce as a lead: nobody's last name and
-- company are empty, since Salesforce refuses such a lead.
with

{{ people_for_crm('salesforce_leads') }},

completed as (

    select
        email,
        first_name,
        job_title,
        phone,
        account_domain as website,
        intent_band,
        reasons,
        owner_email,
        intent_score,
        last_seen_date,
        as_of_date,
        coalesce(last_name, '{{ var("crm_unknown") }}') as last_name,
        coalesce(company_name, account_domain, '{{ var("crm_unknown") }}') as company,
        -- never false: a refusal that only Salesforce knows of is not taken back
        case when not can_email then true end as has_opted_out_of_email
    from leaving

)

select
    {{ idempotency_key('salesforce', 'lead', 'email') }} as idempotency_key,
    {{ row_fingerprint([
        'email', 'first_name', 'last_name', 'company', 'job_title', 'phone', 'website',
        'intent_band', 'reasons', 'owner_email', 'intent_score',
        'has_opted_out_of_email', 'last_seen_date'
    ]) }} as row_fingerprint,
    email,
    first_name,
    last_name,
    company,
    job_title,
    phone,
    website,
    intent_band,
    reasons,
    owner_email,
    intent_score,
    has_opted_out_of_email,
    last_seen_date,
    as_of_date
from completed
