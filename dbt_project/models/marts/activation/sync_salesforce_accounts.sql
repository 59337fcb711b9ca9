-- One row a domain that may leave for Salesforce as an account.
with

{{ companies_for_crm('salesforce_accounts') }}

select
    {{ idempotency_key('salesforce', 'account', 'domain') }} as idempotency_key,
    {{ row_fingerprint([
        'domain', 'company_name', 'intent_band', 'reasons', 'owner_email', 'intent_score',
        'people_count', 'active_people_14d', 'is_customer', 'last_seen_date'
    ]) }} as row_fingerprint,
    coalesce(company_name, domain) as account_name,
    domain as website,
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
