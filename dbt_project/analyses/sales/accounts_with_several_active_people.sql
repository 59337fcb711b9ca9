-- At which companies are several people active?
--
-- Companies with two or more people who did something that a rule counts in the last
-- 14 days, the most people first. Several people looking at once is what a buying
-- committee looks like; `active_people` names them, the most interested first.
with

accounts as (

    select * from {{ ref('dim_accounts') }}
    where active_people_14d >= 2

),

people as (

    select * from {{ ref('dim_people') }}
    where account_id is not null

),

active as (

    select
        account_id,
        intent_score,
        person_id,
        coalesce(full_name, primary_email)
        || coalesce(' (' || job_title || ')', '') as person
    from people
    where last_scored_date > {{ days_before('as_of_date', 14) }}

),

named as (

    select
        account_id,
        {{ joined_in_order('person', "'; '", 'intent_score desc, person_id') }}
            as active_people
    from active
    group by account_id

)

select
    accounts.domain,
    accounts.company_name,
    accounts.account_band,
    accounts.account_score,
    accounts.active_people_14d,
    accounts.people_count,
    named.active_people,
    accounts.last_seen_at
from accounts
inner join named on accounts.account_id = named.account_id
order by
    accounts.active_people_14d desc,
    accounts.account_score desc,
    accounts.domain asc
