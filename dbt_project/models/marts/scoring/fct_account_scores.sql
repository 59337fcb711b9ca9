with

accounts as (

    select * from {{ ref('int_accounts_scored') }}
    where person_rank = 1

),

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

),

scored as (

    select
        *,
        {{ score_of_points('account_points', var('account_score_scale')) }}
            as account_score
    from accounts

)

select
    scored.account_id,
    {{ score_band('scored.account_score') }} as account_band,
    rulesets.ruleset_id,
    scored.account_score,
    scored.account_points as points,
    scored.people_count,
    scored.active_people_14d,
    scored.surge,
    rulesets.as_of_date
from scored
cross join rulesets
