-- One row a company, by the registrable domain of its people's business addresses.
with

accounts as (

    select * from {{ ref('int_accounts_scored') }}

),

scores as (

    select * from {{ ref('fct_account_scores') }}

),

people as (

    select * from {{ ref('dim_people') }}
    where account_id is not null

),

leads as (

    select * from {{ ref('dim_leads') }}
    where account_id is not null

),

-- the name that most of its people give it
company_names as (

    select
        account_id,
        company_name
    from people
    where company_name is not null
    group by account_id, company_name
    qualify row_number() over (
        partition by account_id order by count(*) desc, company_name asc
    ) = 1

),

seen as (

    select
        account_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from people
    group by account_id

),

-- whose is its keenest person that is anybody's; else whose the lead changed last
owned_people as (

    select
        account_id,
        owner
    from people
    where owner is not null
    qualify row_number() over (
        partition by account_id order by round(intent_score, 9) desc, person_id asc
    ) = 1

),

owned_leads as (

    select
        account_id,
        owner
    from leads
    where owner is not null
    qualify row_number() over (
        partition by account_id order by updated_at desc nulls last, email asc
    ) = 1

),

customers as (

    select account_id from people
    where is_customer
    union
    select account_id from leads
    where is_customer

)

select
    scores.account_id,
    accounts.account_domain as domain,
    company_names.company_name,
    scores.account_band,
    scores.people_count,
    scores.active_people_14d,
    scores.account_score,
    scores.points,
    scores.surge,
    scores.as_of_date,
    seen.first_seen_at,
    seen.last_seen_at,
    coalesce(owned_people.owner, owned_leads.owner) as owner,
    customers.account_id is not null as is_customer
from scores
inner join accounts
    on
        scores.account_id = accounts.account_id
        and accounts.person_rank = 1
inner join seen on scores.account_id = seen.account_id
left join company_names on scores.account_id = company_names.account_id
left join owned_people on scores.account_id = owned_people.account_id
left join owned_leads on scores.account_id = owned_leads.account_id
left join customers on scores.account_id = customers.account_id
