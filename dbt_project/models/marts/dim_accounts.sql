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

)

select
    scores.account_id,
    accounts.account_domain as domain,
    company_names.company_name,
    cast(null as varchar) as owner,
    scores.account_band,
    scores.people_count,
    scores.active_people_14d,
    scores.account_score,
    scores.points,
    scores.surge,
    scores.as_of_date,
    seen.first_seen_at,
    seen.last_seen_at
from scores
inner join accounts
    on
        scores.account_id = accounts.account_id
        and accounts.person_rank = 1
inner join seen on scores.account_id = seen.account_id
left join company_names on scores.account_id = company_names.account_id
