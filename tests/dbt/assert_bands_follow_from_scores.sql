-- A returned row is a person or company whose band is not that of the score, a raised
-- hand aside, which alone makes a person hot whatever the score.
with

hands as (

    select distinct reasons.person_id
    from {{ ref('fct_person_score_reasons') }} as reasons
    inner join {{ ref('scoring_rules') }} as rules
        on
            reasons.rule_id = rules.rule_id || '_hand_raise'
            and rules.is_hand_raise

),

scores as (

    select
        'person' as entity_type,
        scores.person_id as entity_id,
        scores.intent_score as score,
        scores.intent_band as band,
        hands.person_id is not null as is_hand_raised
    from {{ ref('fct_person_scores') }} as scores
    left join hands on scores.person_id = hands.person_id
    union all
    select
        'account' as entity_type,
        account_id as entity_id,
        account_score as score,
        account_band as band,
        false as is_hand_raised
    from {{ ref('fct_account_scores') }}

),

banded as (

    select
        scores.entity_type,
        scores.entity_id,
        scores.score,
        scores.band,
        scores.is_hand_raised,
        max_by(bands.band, bands.minimum_score) as band_of_score
    from scores
    left join {{ ref('score_bands') }} as bands
        on round(scores.score, 9) >= bands.minimum_score
    group by all

)

select *
from banded
where band is distinct from case when is_hand_raised then 'hot' else band_of_score end
