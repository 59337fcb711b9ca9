-- One row a person and rule of which something is left: its points, decayed and
-- saturated, as of the as-of date and as of the day that the change of the score is
-- measured from. Where a day lies after one of the dates, they go by different days,
-- and there is a row for each, which gives nothing on the other. A rule that was silent
-- for too long gives nothing. A view, since to work it out takes a tenth of the time of
-- writing it down.
{{ config(materialized='view') }}

with

summed as (

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

-- what all days of a rule are worth holds for both dates, unless one lies after them
sums as (

    select
        summed.person_id,
        summed.rule_id,
        summed.last_date,
        summed.points_at_last_date,
        true as is_current,
        summed.last_date <= settings.earlier_date as is_earlier
    from summed
    inner join settings on summed.last_date <= settings.as_of_date
    union all
    select
        person_id,
        rule_id,
        last_date,
        points_at_last_date,
        is_current,
        not is_current as is_earlier
    from resummed

),

decayed as (

    select
        sums.person_id,
        sums.rule_id,
        sums.last_date,
        sums.points_at_last_date,
        rules.saturation,
        case
            when
                sums.is_current
                and {{ days_between('sums.last_date', 'settings.as_of_date') }}
                <= {{ var('forget_after_half_lives') }} * rules.half_life_days
                then sums.points_at_last_date * {{ half_life_decay(
                    days_between('sums.last_date', 'settings.as_of_date'),
                    'rules.half_life_days'
                ) }}
            else 0e0
        end as decayed_points,
        case
            when
                sums.is_earlier
                and {{ days_between('sums.last_date', 'settings.earlier_date') }}
                <= {{ var('forget_after_half_lives') }} * rules.half_life_days
                then sums.points_at_last_date * {{ half_life_decay(
                    days_between('sums.last_date', 'settings.earlier_date'),
                    'rules.half_life_days'
                ) }}
            else 0e0
        end as earlier_decayed_points
    from sums
    inner join rules on sums.rule_id = rules.rule_id
    cross join settings

)

select
    person_id,
    rule_id,
    last_date,
    points_at_last_date,
    decayed_points,
    {{ fixed_point(saturate('decayed_points', 'saturation')) }} as points,
    {{ fixed_point(saturate('earlier_decayed_points', 'saturation')) }}
        as earlier_points
from decayed
where
    decayed_points != 0
    or earlier_decayed_points != 0
