-- One row a person and rule that adds to the score today, with what it adds and by what
-- its days share that among them (share_of_day); and one a raised hand, which moves the
-- band and not the score. Of a person and rule that is not here there is no reason.
{{ config(materialized='view') }}

with

saturated as (

    select * from {{ ref('int_rules_saturated') }}
    where points > 0

),

capped_groups as (

    select * from {{ ref('int_groups_capped') }}

),

scores as (

    select * from {{ ref('int_people_scored') }}
    where points > 0

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

hands as (

    select * from {{ ref('int_hands_raised') }}

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

-- what a rule adds to the points, once the cap of its group has spoken
added as (

    select
        saturated.person_id,
        saturated.rule_id,
        saturated.last_date,
        rules.weight,
        case
            when rules.is_hand_raise
                then {{ days_before('settings.as_of_date', var('hand_raise_days')) }}
        end as hands_raised_after,
        rules.half_life_days,
        cast(saturated.points_at_last_date as double) as points_at_last_date,
        cast(saturated.points as double)
        * coalesce(
            cast(capped_groups.points as double)
            / cast(capped_groups.rule_points as double),
            1
        ) as points
    from saturated
    inner join rules on saturated.rule_id = rules.rule_id
    cross join settings
    left join capped_groups
        on
            saturated.person_id = capped_groups.person_id
            and rules.score_group = capped_groups.score_group

)

select
    added.person_id,
    added.rule_id,
    false as is_hand_raise,
    cast(null as date) as first_date,
    added.last_date,
    added.weight,
    added.hands_raised_after,
    added.half_life_days,
    added.points_at_last_date,
    scores.intent_score * (added.points / scores.points) as score_added
from added
inner join scores on added.person_id = scores.person_id
where added.points > 0
union all
select
    person_id,
    {{ hand_raise_id('rule_id') }} as rule_id,
    true as is_hand_raise,
    min(event_date) as first_date,
    max(event_date) as last_date,
    0e0 as weight,
    cast(null as date) as hands_raised_after,
    1e0 as half_life_days,
    1e0 as points_at_last_date,
    0e0 as score_added
from hands
group by
    person_id,
    rule_id
