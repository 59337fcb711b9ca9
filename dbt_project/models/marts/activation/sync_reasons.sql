-- One row a reason of a person of sync_people; the whole shares of an address sum to
-- its whole score.
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

)

select
    people.primary_email as email,
    people.full_name,
    accounts.domain as account_domain,
    people.intent_band,
    {{ whole_score('people.intent_score') }} as intent_score,
    reasons.reason_rank,
    reasons.event_date,
    reasons.reason,
    {{ whole_share(
        'reasons.score_share',
        'people.intent_score',
        partition_by='reasons.person_id',
        then_by='reasons.reason_rank'
    ) }} as score_share,
    reasons.as_of_date,
    coalesce(people.company_name, accounts.company_name) as company_name
from reasons
inner join people on reasons.person_id = people.person_id
left join accounts on people.account_id = accounts.account_id
