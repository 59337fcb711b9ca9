-- One row a person of whom a rule still tells something, today or a week ago, or whose
-- hand is raised. Everyone else scores 0 (int_nobody_scored).
with

saturated as (

    select * from {{ ref('int_rules_saturated') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

score_groups as (

    select * from {{ ref('scoring_groups') }}

),

capped_groups as (

    select * from {{ ref('int_groups_capped') }}

),

hands as (

    select person_id from {{ ref('int_hands_raised') }}

),

capped_rules as (

    select rules.rule_id
    from rules
    inner join score_groups on rules.score_group = score_groups.score_group

),

-- a rule counts by itself, or with the others under the cap of its group; a raised hand
-- counts for the band whatever the rule is worth
parts as (

    select
        saturated.person_id,
        saturated.points,
        saturated.earlier_points,
        false as is_hand_raised
    from saturated
    left join capped_rules on saturated.rule_id = capped_rules.rule_id
    where capped_rules.rule_id is null
    union all
    select
        person_id,
        points,
        earlier_points,
        false as is_hand_raised
    from capped_groups
    union all
    select
        person_id,
        {{ fixed_point('0') }} as points,
        {{ fixed_point('0') }} as earlier_points,
        true as is_hand_raised
    from hands

),

totals as (

    select
        person_id,
        cast(sum(points) as double) as points,
        cast(sum(earlier_points) as double) as earlier_points,
        bool_or(is_hand_raised) as is_hand_raised
    from parts
    group by person_id

),

scored as (

    select
        person_id,
        points,
        earlier_points,
        is_hand_raised,
        {{ score_of_points('points', var('person_score_scale')) }} as intent_score,
        {{ score_of_points('earlier_points', var('person_score_scale')) }}
            as earlier_score
    from totals

)

select
    person_id,
    points,
    earlier_points,
    intent_score,
    intent_score - earlier_score as score_change_7d,
    case when is_hand_raised then 'hot' else {{ score_band('intent_score') }} end
        as intent_band
from scored
