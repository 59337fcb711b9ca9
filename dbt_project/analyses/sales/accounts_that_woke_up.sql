-- Which companies woke up this week?
--
-- Companies with somebody active in the last 7 days that did at least twice as much as
-- in an average week of the 12 before (`surge` of 2 or more), or anything after 12
-- weeks of silence (`was_silent`: `surge` has nothing to compare with). In a log
-- younger than 13 weeks the time before it counts as silence, so `surge` runs high.
with

accounts as (

    select * from {{ ref('dim_accounts') }}

),

people as (

    select * from {{ ref('dim_people') }}
    where account_id is not null

),

told as (

    select * from {{ ref('sync_accounts') }}

),

active as (

    select
        account_id,
        count(*) as active_people_7d
    from people
    where last_scored_date > {{ days_before('as_of_date', 7) }}
    group by account_id

)

select
    accounts.domain,
    accounts.company_name,
    accounts.account_band,
    accounts.account_score,
    accounts.surge,
    active.active_people_7d,
    accounts.people_count,
    accounts.first_seen_at,
    accounts.last_seen_at,
    told.hottest_people,
    told.why,
    accounts.surge is null as was_silent
from accounts
inner join active on accounts.account_id = active.account_id
inner join told on accounts.domain = told.domain
where
    accounts.surge >= 2
    or accounts.surge is null
order by
    accounts.account_score desc,
    accounts.domain asc
