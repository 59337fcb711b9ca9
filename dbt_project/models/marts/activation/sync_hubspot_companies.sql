-- One row a domain that may leave for HubSpot, as its importer of companies wants it.
with

{{ companies_for_crm('hubspot_companies') }}

select
    {{ idempotency_key('hubspot', 'company', 'domain') }} as idempotency_key,
    {{ row_fingerprint([
        'domain', 'company_name', 'intent_band', 'reasons', 'owner_email', 'intent_score',
        'people_count', 'active_people_14d', 'is_customer', 'last_seen_date'
    ]) }} as row_fingerprint,
    domain,
    -- a company without a name is hard to find again
    coalesce(company_name, domain) as company_name,
    intent_band,
    reasons,
    owner_email,
    intent_score,
    people_count,
    active_people_14d,
    is_customer,
    last_seen_date,
    as_of_date
from leaving
