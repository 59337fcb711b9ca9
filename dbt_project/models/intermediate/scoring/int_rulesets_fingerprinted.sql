-- One row: the fingerprint of the scoring seeds, which every score names, so that a
-- score can be told from one made by other rules.
with

rules as (

    select
        concat_ws(
            '|', rule_id, priority, event_type, event_name, page_class, weight,
            half_life_days, daily_cap, saturation, is_hand_raise
        ) as rule_text
    from {{ ref('scoring_rules') }}

),

bands as (

    select concat_ws('|', band, minimum_score) as rule_text
    from {{ ref('score_bands') }}

),

lines as (

    select rule_text from rules
    union all
    select rule_text from bands

)

select md5({{ joined_in_order('rule_text', "','", 'rule_text') }}) as ruleset_id
from lines
