-- A returned row is a person or company whose reasons do not add up to its score. Most
-- people score nothing: who is not there has 0, as who has no reasons.
with

person_scores as (

    select
        person_id,
        intent_score
    from {{ ref('fct_person_scores') }}
    where intent_score != 0

),

person_shares as (

    select
        person_id,
        sum(score_share) as score_share
    from {{ ref('fct_person_score_reasons') }}
    group by person_id

),

account_shares as (

    select
        account_id,
        sum(score_share) as score_share
    from {{ ref('fct_account_score_reasons') }}
    group by account_id

),

compared as (

    select
        'person' as entity_type,
        coalesce(scores.person_id, person_shares.person_id) as entity_id,
        coalesce(scores.intent_score, 0) as score,
        coalesce(person_shares.score_share, 0) as sum_of_reasons
    from person_scores as scores
    full outer join person_shares on scores.person_id = person_shares.person_id
    union all
    select
        'account' as entity_type,
        coalesce(scores.account_id, account_shares.account_id) as entity_id,
        scores.account_score as score,
        coalesce(account_shares.score_share, 0) as sum_of_reasons
    from {{ ref('fct_account_scores') }} as scores
    full outer join account_shares on scores.account_id = account_shares.account_id

)

select *
from compared
where
    score is null
    or abs(score - sum_of_reasons) > 1e-9
