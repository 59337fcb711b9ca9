-- One row a person with a counted event up to the as-of day. Everyone else has a score
-- of 0.
with

settings as (

    select * from {{ ref('stg_run__settings') }}

),

summed as (

    select * from {{ ref('int_rules_summed') }}

),

days as (

    select * from {{ ref('int_person_days_counted') }}

),

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

    select distinct person_id
    from {{ ref('int_hands_raised') }}

),

known_last_days as (

    select
        summed.person_id,
        summed.last_date
    from summed
    cross join settings
    where summed.last_date <= settings.as_of_date
    union all
    -- something counts that happened after the day: the last one up to it
    select
        summed.person_id,
        days.event_date as last_date
    from summed
    cross join settings
    inner join days
        on
            summed.person_id = days.person_id
            and summed.rule_id = days.rule_id
    where
        summed.last_date > settings.as_of_date
        and days.event_date <= settings.as_of_date

),

last_days as (

    select
        person_id,
        max(last_date) as last_scored_date
    from known_last_days
    group by person_id

),

capped_rules as (

    select rules.rule_id
    from rules
    inner join score_groups on rules.score_group = score_groups.score_group

),

-- a rule counts by itself, or with the others under the cap of its group
parts as (

    select
        saturated.person_id,
        saturated.is_current,
        saturated.points
    from saturated
    left join capped_rules on saturated.rule_id = capped_rules.rule_id
    where capped_rules.rule_id is null
    union all
    select
        person_id,
        is_current,
        points
    from capped_groups

),

totals as (

    select
        person_id,
        coalesce(sum(points) filter (where is_current), 0) as points,
        coalesce(sum(points) filter (where not is_current), 0) as earlier_points
    from parts
    group by person_id

),

measured as (

    select
        last_days.person_id,
        last_days.last_scored_date,
        cast(coalesce(totals.points, 0) as double) as points,
        cast(coalesce(totals.earlier_points, 0) as double) as earlier_points,
        hands.person_id is not null as is_hand_raised
    from last_days
    left join totals on last_days.person_id = totals.person_id
    left join hands on last_days.person_id = hands.person_id

),

scored as (

    select
        person_id,
        last_scored_date,
        points,
        earlier_points,
        is_hand_raised,
        {{ score_of_points('points', var('person_score_scale')) }} as intent_score,
        {{ score_of_points('earlier_points', var('person_score_scale')) }}
            as earlier_score
    from measured

)

select
    person_id,
    points,
    earlier_points,
    intent_score,
    intent_score - earlier_score as score_change_7d,
    case when is_hand_raised then 'hot' else {{ score_band('intent_score') }} end
        as intent_band,
    last_scored_date
from scored
