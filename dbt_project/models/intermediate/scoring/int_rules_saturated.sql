-- One row a person, rule and date of scoring (as-of, and the day before that the change
-- is measured from): the points of the rule, decayed to that date and saturated. A rule
-- that was silent for too long gives nothing and has no row. A view, since it is worked
-- out in a tenth of the time that it takes to write it down.
{{ config(materialized='view') }}

with

summed as {{ read_each_time() }} (

    select * from {{ ref('int_rules_summed') }}

),

resummed as (

    select * from {{ ref('int_rules_resummed') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

settings as (

    select
        as_of_date,
        {{ days_before('as_of_date', var('score_change_days')) }} as earlier_date
    from {{ ref('stg_run__settings') }}

),

sums as (

    select
        settings.as_of_date,
        true as is_current,
        summed.person_id,
        summed.rule_id,
        summed.last_date,
        summed.points_at_last_date
    from summed
    inner join settings on summed.last_date <= settings.as_of_date
    union all
    select
        settings.earlier_date as as_of_date,
        false as is_current,
        summed.person_id,
        summed.rule_id,
        summed.last_date,
        summed.points_at_last_date
    from summed
    inner join settings on summed.last_date <= settings.earlier_date
    union all
    select
        as_of_date,
        is_current,
        person_id,
        rule_id,
        last_date,
        points_at_last_date
    from resummed

),

decayed as (

    select
        sums.*,
        rules.saturation,
        sums.points_at_last_date * {{ half_life_decay(
            days_between('sums.last_date', 'sums.as_of_date'), 'rules.half_life_days'
        ) }} as decayed_points
    from sums
    inner join rules on sums.rule_id = rules.rule_id
    where
        {{ days_between('sums.last_date', 'sums.as_of_date') }}
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
