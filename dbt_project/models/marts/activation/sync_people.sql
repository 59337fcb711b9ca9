-- One row an address: what sales see of a person. Where several people share an
-- address, the one with the highest score. Excluded people never leave.
with

people as (

    select * from {{ ref('dim_people') }}
    where
        primary_email is not null
        and exclusion_reason is null

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

ranked_reasons as (

    select
        person_id,
        reason,
        row_number() over (
            partition by person_id
            order by
                -- a raised hand goes first, whatever its share
                rule_id like '%\_hand\_raise' escape '\' desc,
                score_share desc,
                event_date desc,
                rule_id asc
        ) as reason_rank
    from reasons

),

told as (

    select
        person_id,
        {{ joined_in_order('reason', "'; '", 'reason_rank') }} as why
    from ranked_reasons
    where reason_rank <= 5
    group by person_id

)

select
    people.primary_email as email,
    people.full_name,
    people.job_title,
    accounts.domain as account_domain,
    people.intent_band,
    people.intent_score,
    people.score_change_7d,
    told.why,
    people.last_seen_at,
    people.first_seen_at,
    people.session_count,
    people.first_channel,
    people.latest_channel,
    accounts.account_score,
    accounts.account_band,
    people.owner,
    people.stage,
    people.as_of_date,
    coalesce(people.company_name, accounts.company_name) as company_name
from people
left join accounts on people.account_id = accounts.account_id
left join told on people.person_id = told.person_id
qualify row_number() over (
    partition by people.primary_email
    order by people.intent_score desc, people.person_id asc
) = 1
