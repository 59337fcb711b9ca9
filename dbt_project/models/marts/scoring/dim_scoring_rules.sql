-- One row a rule, as it was when the scores beside it were made: a seed may have been
-- edited since.
with

rules as (

    select * from {{ ref('scoring_rules') }}

),

score_groups as (

    select * from {{ ref('scoring_groups') }}

)

select
    rules.rule_id,
    rules.reason,
    rules.event_type,
    rules.event_name,
    rules.page_class,
    rules.score_group,
    rules.priority,
    rules.weight,
    rules.half_life_days,
    rules.daily_cap,
    rules.saturation,
    score_groups.group_cap,
    rules.is_hand_raise
from rules
left join score_groups on rules.score_group = score_groups.score_group
