-- One row an address: what sales see of a person. Where several people share an
-- address, the one with the highest score. Excluded people never leave.
with

people as (

    select * from {{ ref('dim_people') }}
    where
        primary_email is not null
        and exclusion_reason is null
    qualify {{ is_seen_of_the_address() }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

raised_hands as (

    select
        person_id,
        rule_id,
        event_date
    from reasons
    where score_share = 0

),

-- a raised hand says all that the reason of the same rule and day would say again
reasons_to_tell as (

    select
        reasons.person_id,
        reasons.reason,
        row_number() over (
            partition by reasons.person_id order by reasons.reason_rank
        ) as telling_rank
    from reasons
    left join raised_hands
        on
            reasons.person_id = raised_hands.person_id
            and reasons.event_date = raised_hands.event_date
            and reasons.rule_id || '_hand_raise' = raised_hands.rule_id
    where raised_hands.person_id is null

),

told as (

    select
        person_id,
        {{ joined_in_order('reason', "'; '", 'telling_rank') }} as why
    from reasons_to_tell
    where telling_rank <= 5
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
