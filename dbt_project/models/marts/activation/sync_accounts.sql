-- One row a company: what sales see of it.
with

accounts as (

    select * from {{ ref('dim_accounts') }}

),

people as (

    select * from {{ ref('dim_people') }}
    where account_id is not null

),

reasons as (

    select * from {{ ref('fct_account_score_reasons') }}

),

ranked_people as (

    select
        account_id,
        coalesce(full_name || ' <' || primary_email || '>', primary_email) as person,
        row_number() over (
            partition by account_id order by intent_score desc, person_id asc
        ) as person_rank
    from people
    where intent_score > 0

),

hottest as (

    select
        account_id,
        {{ joined_in_order('person', "'; '", 'person_rank') }} as hottest_people
    from ranked_people
    where person_rank <= 3
    group by account_id

),

ranked_reasons as (

    select
        account_id,
        reason,
        row_number() over (
            partition by account_id
            order by score_share desc, reason_type asc, person_id asc
        ) as reason_rank
    from reasons

),

told as (

    select
        account_id,
        {{ joined_in_order('reason', "'; '", 'reason_rank') }} as why
    from ranked_reasons
    where reason_rank <= 5
    group by account_id

)

select
    accounts.domain,
    accounts.company_name,
    accounts.account_band,
    {{ whole_score('accounts.account_score') }} as account_score,
    accounts.surge,
    accounts.people_count,
    accounts.active_people_14d,
    hottest.hottest_people,
    told.why,
    accounts.last_seen_at,
    accounts.owner,
    accounts.is_customer,
    accounts.as_of_date
from accounts
left join hottest on accounts.account_id = hottest.account_id
left join told on accounts.account_id = told.account_id
