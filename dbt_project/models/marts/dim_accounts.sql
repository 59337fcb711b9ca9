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

seen as (

    select
        account_id,
        -- the name that most of its people give it
        mode(company_name order by company_name) as company_name,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from people
    group by account_id

)

select
    scores.account_id,
    accounts.account_domain as domain,
    seen.company_name,
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
