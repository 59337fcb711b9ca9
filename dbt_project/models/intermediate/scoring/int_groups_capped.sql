-- One row a date of scoring, person and group with a cap: what its rules give together.
-- Rules without a capped group are in none.
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

summed as (

    select
        saturated.as_of_date,
        saturated.is_current,
        saturated.person_id,
        score_groups.score_group,
        score_groups.group_cap,
        sum(saturated.points) as rule_points
    from saturated
    inner join rules on saturated.rule_id = rules.rule_id
    inner join score_groups on rules.score_group = score_groups.score_group
    group by all

)

select
    as_of_date,
    is_current,
    person_id,
    score_group,
    rule_points,
    {{ fixed_point(saturate('cast(rule_points as double)', 'group_cap')) }} as points
from summed
