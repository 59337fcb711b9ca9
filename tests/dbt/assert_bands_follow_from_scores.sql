-- A returned row is a person or company whose band is not that of the score, a raised
-- hand aside, which alone makes a person hot whatever the score.
with

scores as {{ read_each_time() }} (

    select
        'person' as entity_type,
        person_id as entity_id,
        intent_score as score,
        intent_band as band
    from {{ ref('fct_person_scores') }}
    union all
    select
        'account' as entity_type,
        account_id as entity_id,
        account_score as score,
        account_band as band
    from {{ ref('fct_account_scores') }}

),

-- a score counts to nine digits, so that a band begins half of the last one earlier
bands as (

    select
        band,
        minimum_score - 5e-10 as from_score,
        lead(minimum_score) over (order by minimum_score) - 5e-10 as until_score
    from {{ ref('score_bands') }}

),

hands as (

    select distinct
        'person' as entity_type,
        reasons.person_id as entity_id
    from {{ ref('fct_person_score_reasons') }} as reasons
    inner join {{ ref('scoring_rules') }} as rules
        on
            reasons.rule_id = rules.rule_id || '_hand_raise'
            and rules.is_hand_raise

),

hot as (

    select
        entity_type,
        entity_id
    from scores
    where band = 'hot'

),

-- told by the numbers alone, of all; who they are is asked of the few
misplaced as (

    select scores.*
    from scores
    left join bands on scores.band = bands.band
    where
        bands.band is null
        or scores.score is null
        or scores.score < bands.from_score
        or scores.score >= bands.until_score

)

select
    misplaced.entity_type,
    misplaced.entity_id,
    misplaced.score,
    misplaced.band
from misplaced
left join hands
    on
        misplaced.entity_type = hands.entity_type
        and misplaced.entity_id = hands.entity_id
where hands.entity_id is null
union all
select
    hands.entity_type,
    hands.entity_id,
    cast(null as double) as score,
    'not hot' as band
from hands
left join hot
    on
        hands.entity_type = hot.entity_type
        and hands.entity_id = hot.entity_id
where hot.entity_id is null
