-- A returned row is a person or company whose band is not that of the score, a raised
-- hand aside, which alone makes a person hot whatever the score. Many have the same
-- score, so the band of each is looked up once.
with

scores as (

    select
        'person' as entity_type,
        person_id as entity_id,
        round(intent_score, 9) as score,
        intent_band as band
    from {{ ref('fct_person_scores') }}
    union all
    select
        'account' as entity_type,
        account_id as entity_id,
        round(account_score, 9) as score,
        account_band as band
    from {{ ref('fct_account_scores') }}

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

told as (

    select distinct
        score,
        band
    from scores

),

banded as (

    select
        told.score,
        told.band,
        max_by(bands.band, bands.minimum_score) as band_of_score
    from told
    left join {{ ref('score_bands') }} as bands on told.score >= bands.minimum_score
    group by all

),

misplaced as (

    select * from banded
    where band is distinct from band_of_score

)

select
    scores.entity_type,
    scores.entity_id,
    scores.score,
    scores.band,
    misplaced.band_of_score as expected_band
from scores
inner join misplaced
    on
        scores.score is not distinct from misplaced.score
        and scores.band is not distinct from misplaced.band
left join hands
    on
        scores.entity_type = hands.entity_type
        and scores.entity_id = hands.entity_id
where hands.entity_id is null
union all
select
    scores.entity_type,
    scores.entity_id,
    scores.score,
    scores.band,
    'hot' as expected_band
from scores
inner join hands
    on
        scores.entity_type = hands.entity_type
        and scores.entity_id = hands.entity_id
where scores.band is distinct from 'hot'
