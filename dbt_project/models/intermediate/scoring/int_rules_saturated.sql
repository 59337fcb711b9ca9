-- One row a person, rule and date of scoring: the points of the rule, decayed to that
-- date and saturated.
with

buckets as (

    select * from {{ ref('int_buckets_decayed') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

summed as (

    select
        as_of_date,
        is_current,
        person_id,
        rule_id,
        last_date,
        sum(points_at_last_date) as points_at_last_date
    from buckets
    group by all

),

decayed as (

    select
        summed.*,
        rules.saturation,
        summed.points_at_last_date * {{ half_life_decay(
            days_between('summed.last_date', 'summed.as_of_date'), 'rules.half_life_days'
        ) }} as decayed_points
    from summed
    inner join rules on summed.rule_id = rules.rule_id
    where
        {{ days_between('summed.last_date', 'summed.as_of_date') }}
        <= {{ var('forget_after_half_lives') }} * rules.half_life_days

)

select
    as_of_date,
    is_current,
    person_id,
    rule_id,
    last_date,
    points_at_last_date,
    decayed_points,
    {{ fixed_point(saturate('decayed_points', 'saturation')) }} as points
from decayed
