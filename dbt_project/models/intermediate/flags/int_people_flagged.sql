-- One row a person and flag, with what set it. A flag changes no score: it keeps a
-- person out of the exports that seeds/flags/flag_suppressions.csv names for it.
with

people as {{ read_each_time() }} (

    select * from {{ ref('int_people_summarised') }}

),

leads as (

    select * from {{ ref('int_leads_matched') }}
    where is_customer

),

signals as (

    select * from {{ ref('int_signals_found') }}

),

mail_refusals as (

    select * from {{ ref('int_mail_refusals_found') }}

),

{{ flags_of_domains_ctes('people') }}

customers as (

    select person_id
    from leads
    where person_id is not null
    union
    -- a shared mailbox (info@) is no person's own
    select people.person_id
    from leads
    inner join people on leads.email = people.primary_email

),

customer_accounts as (

    select account_id
    from leads
    where account_id is not null
    union
    select people.account_id
    from customers
    inner join people on customers.person_id = people.person_id
    where people.account_id is not null

),

found as (

    select
        people.person_id,
        domain_flags.flag,
        domain_flags.reason || ' (' || people.email_domain || ')' as reason
    from people
    inner join domain_flags on people.email_domain = domain_flags.email_domain
    union all
    select
        person_id,
        flag,
        reason
    from signals
    union all
    select
        person_id,
        'customer' as flag,
        'The CRM says so' as reason
    from customers
    union all
    select
        people.person_id,
        'customer' as flag,
        'The CRM says so of ' || people.account_domain as reason
    from people
    inner join customer_accounts on people.account_id = customer_accounts.account_id
    left join customers on people.person_id = customers.person_id
    where customers.person_id is null
    union all
    select
        person_id,
        'cannot_email' as flag,
        reason
    from mail_refusals

)

select
    person_id,
    flag,
    {{ joined_in_order('reason', "'; '", 'reason') }} as reason
from found
group by
    person_id,
    flag
