-- One row: the rules that the scores beside it were made by, and their lone numbers.
with

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

)

select
    ruleset_id,
    cast({{ var('person_score_scale') }} as double) as person_score_scale,
    cast({{ var('forget_after_half_lives') }} as double) as forget_after_half_lives,
    cast({{ var('hand_raise_days') }} as bigint) as hand_raise_days,
    cast({{ var('account_score_scale') }} as double) as account_score_scale,
    cast({{ var('account_rank_decay') }} as double) as account_rank_decay,
    cast({{ var('diversity_bonus') }} as double) as diversity_bonus,
    cast({{ var('diversity_people_cap') }} as bigint) as diversity_people_cap,
    cast({{ var('active_people_days') }} as bigint) as active_people_days,
    as_of_date
from rulesets
