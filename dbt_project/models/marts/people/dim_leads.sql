-- One row an address that a CRM knows, seen on the site or not. What the CRM's list and
-- the domain say against it stands here, since nobody may be there to have a flag.
with

leads as (

    select * from {{ ref('int_leads_matched') }}

),

mail_words as (

    select * from {{ ref('mail_words') }}
    where said_in = 'lead'

),

{{ flags_of_domains_ctes('leads') }}

found as (

    select
        leads.email,
        domain_flags.flag
    from leads
    inner join domain_flags on leads.email_domain = domain_flags.email_domain
    union
    select
        email,
        'customer' as flag
    from leads
    where is_customer
    union
    select
        leads.email,
        'cannot_email' as flag
    from leads
    cross join mail_words
    where
        leads.properties is not null
        and mail_words.refuses_when
        = {{ yes_or_no(json_text('leads.properties', 'mail_words.name')) }}

),

flagged as (

    select
        email,
        {{ joined_in_order('flag', "', '", 'flag') }} as flags,
        bool_or(flag = 'cannot_email') as is_mail_refused
    from found
    group by email

)

select
    leads.email,
    leads.email_domain,
    leads.email_class,
    leads.person_id,
    leads.account_id,
    leads.full_name,
    leads.job_title,
    leads.company_name,
    leads.phone,
    leads.owner,
    leads.stage,
    flagged.flags,
    leads.properties,
    leads.account_domain,
    leads.updated_at,
    not coalesce(flagged.is_mail_refused, false) as can_email,
    coalesce(leads.is_customer, false) as is_customer,
    leads.person_id is not null as is_seen
from leads
left join flagged on leads.email = flagged.email
