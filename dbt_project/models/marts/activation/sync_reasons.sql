-- One row a reason of a person of sync_people who is cool or above; the whole shares of
-- an address sum to its whole score. Of the cold, sync_people tells the first reasons,
-- and fct_person_score_reasons has all.
with

people as (

    select * from {{ ref('dim_people') }}
    where
        primary_email is not null
        and exclusion_reason is null
    qualify {{ is_seen_of_the_address() }}

),

interested as (

    select * from people
    where intent_band != 'cold'

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

)

select
    interested.primary_email as email,
    interested.full_name,
    accounts.domain as account_domain,
    interested.intent_band,
    {{ whole_score('interested.intent_score') }} as intent_score,
    reasons.reason_rank,
    reasons.event_date,
    reasons.reason,
    {{ whole_share(
        'reasons.score_share',
        'interested.intent_score',
        partition_by='reasons.person_id',
        then_by='reasons.reason_rank'
    ) }} as score_share,
    reasons.as_of_date,
    coalesce(interested.company_name, accounts.company_name) as company_name
from reasons
inner join interested on reasons.person_id = interested.person_id
left join accounts on interested.account_id = accounts.account_id
