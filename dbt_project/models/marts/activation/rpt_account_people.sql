-- One row a person with a reason to be called at, in an account that gets a brief.
-- Excluded people are not in it.
with

accounts as (

    select dim_accounts.*
    from {{ ref('dim_accounts') }} as dim_accounts
    inner join {{ ref('brief_bands') }} as brief_bands
        on dim_accounts.account_band = brief_bands.band

),

people as (

    select people.*
    from {{ ref('dim_people') }} as people
    inner join accounts on people.account_id = accounts.account_id
    where people.exclusion_reason is null

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}
    where person_id in (select people.person_id from people)

),

told as (

    select
        person_id,
        {{ joined_in_order('reason', "'; '", 'reason_rank') }} as what_they_did
    from reasons
    where
        reason_rank <= {{ var('brief_reasons_a_person') }}
        and not is_told_by_hand_raise
    group by person_id

)

select
    people.account_id,
    people.person_id,
    people.full_name,
    people.job_title,
    people.primary_email as email,
    people.intent_band,
    told.what_they_did,
    {{ whole_score('people.intent_score') }} as intent_score,
    {{ whole_change('people.intent_score', 'people.score_change_7d') }}
        as score_change_7d,
    people.as_of_date,
    people.last_seen_at,
    row_number() over (
        partition by people.account_id
        order by people.intent_score desc, people.person_id asc
    ) as person_rank
from people
inner join told on people.person_id = told.person_id
