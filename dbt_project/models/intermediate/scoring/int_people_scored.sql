-- One row a person with points at the as-of date or at the date before it that the
-- change is measured from. Everyone else has a score of 0.
with

rules as (

    select * from {{ ref('int_rules_saturated') }}

),

buckets as (

    select * from {{ ref('int_buckets_decayed') }}
    where is_current

),

summed as (

    select
        person_id,
        coalesce(sum(points) filter (where is_current), 0) as points,
        coalesce(sum(points) filter (where not is_current), 0) as earlier_points,
        coalesce(bool_or(is_hand_raised) filter (where is_current), false)
            as is_hand_raised
    from rules
    group by person_id

),

last_days as (

    select
        person_id,
        max(event_date) as last_scored_date
    from buckets
    group by person_id

),

scored as (

    select
        summed.person_id,
        cast(summed.points as double) as points,
        summed.is_hand_raised,
        last_days.last_scored_date,
        {{ score_of_points(
            'cast(summed.points as double)', var('person_score_scale')
        ) }} as intent_score,
        {{ score_of_points(
            'cast(summed.earlier_points as double)', var('person_score_scale')
        ) }} as earlier_score
    from summed
    left join last_days on summed.person_id = last_days.person_id

)

select
    person_id,
    points,
    intent_score,
    intent_score - earlier_score as score_change_7d,
    case when is_hand_raised then 'hot' else {{ score_band('intent_score') }} end
        as intent_band,
    is_hand_raised,
    last_scored_date
from scored
