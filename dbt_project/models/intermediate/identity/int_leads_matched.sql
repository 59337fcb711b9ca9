-- One row an address that a CRM knows: the current lead, the person whose component
-- holds the address, and the company at its domain. A lead is no event: it names no
-- device, links no two names, and makes neither a person nor a company.
with

leads as (

    select * from {{ ref('stg_crm__leads') }}
    -- equal contents are kept once, so the order of loading decides nothing
    qualify row_number() over (
        partition by email order by updated_at desc nulls last, content_md5 asc
    ) = 1

),

email_domains as (

    select * from {{ ref('stg_lists__email_domains') }}

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where
        not is_gone
        and identifier_type = 'email'

),

people as {{ read_each_time() }} (

    select * from {{ ref('int_people_summarised') }}

),

accounts as (

    select distinct
        account_id,
        account_domain
    from people
    where account_id is not null

),

placed as (

    select
        leads.*,
        email_domains.registrable_domain,
        split_part(leads.email, '@', 2) as email_domain,
        coalesce(email_domains.email_class, 'business') as email_class
    from leads
    left join email_domains
        on split_part(leads.email, '@', 2) = email_domains.email_domain

)

select
    placed.email,
    placed.email_domain,
    placed.email_class,
    -- a name that owns no event (info@, a refused address) has a person nobody has seen
    people.person_id,
    accounts.account_id,
    accounts.account_domain,
    placed.full_name,
    placed.company_name,
    placed.job_title,
    placed.phone,
    placed.owner,
    placed.stage,
    placed.properties,
    placed.is_customer,
    placed.updated_at
from placed
left join nodes on placed.email = nodes.identifier
left join people on nodes.person_id = people.person_id
left join accounts
    on
        placed.registrable_domain = accounts.account_domain
        and placed.email_class = 'business'
