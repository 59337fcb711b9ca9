-- One row a person and group with a cap: what its rules give together, on both dates of
-- int_rules_saturated. Rules without a capped group are in none.
with

rules as (

    select * from {{ ref('scoring_rules') }}

),

score_groups as (

    select * from {{ ref('scoring_groups') }}

),

-- as long as no group has a cap there are none, and nothing is looked at
capped_rules as {{ computed_first() }} (

    select
        rules.rule_id,
        score_groups.score_group,
        score_groups.group_cap
    from rules
    inner join score_groups on rules.score_group = score_groups.score_group

),

saturated as (

    select * from {{ ref('int_rules_saturated') }}
    where rule_id in (select capped_rules.rule_id from capped_rules)

),

summed as (

    select
        saturated.person_id,
        capped_rules.score_group,
        capped_rules.group_cap,
        sum(saturated.points) as rule_points,
        sum(saturated.earlier_points) as earlier_rule_points
    from saturated
    inner join capped_rules on saturated.rule_id = capped_rules.rule_id
    group by all

)

select
    person_id,
    score_group,
    rule_points,
    {{ fixed_point(saturate('cast(rule_points as double)', 'group_cap')) }} as points,
    {{ fixed_point(saturate('cast(earlier_rule_points as double)', 'group_cap')) }}
        as earlier_points
from summed
