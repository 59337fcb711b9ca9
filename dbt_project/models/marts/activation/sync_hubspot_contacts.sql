-- One row an address that may leave for HubSpot, as its importer of contacts wants it.
with

{{ people_for_crm('hubspot_contacts') }}

select
    {{ idempotency_key('hubspot', 'contact', 'email') }} as idempotency_key,
    {{ row_fingerprint([
        'email', 'first_name', 'last_name', 'job_title', 'phone', 'company_name',
        'account_domain', 'intent_band', 'reasons', 'owner_email', 'intent_score',
        'is_customer', 'can_email', 'last_seen_date'
    ]) }} as row_fingerprint,
    email,
    first_name,
    last_name,
    job_title,
    phone,
    company_name,
    account_domain as company_domain,
    intent_band,
    reasons,
    owner_email,
    intent_score,
    is_customer,
    can_email,
    last_seen_date,
    as_of_date
from leaving
