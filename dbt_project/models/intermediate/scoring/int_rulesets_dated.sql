-- One row: the day that scores are of, and the fingerprint of the rules that made them,
-- by which a score can be told from one made by other rules.
with

settings as (

    select * from {{ ref('stg_run__settings') }}

),

rules as (

    select
        'rule ' || rule_id
        || '|' || priority
        || '|' || coalesce(event_type, '')
        || '|' || coalesce(event_name, '')
        || '|' || coalesce(page_class, '')
        || '|' || weight
        || '|' || half_life_days
        || '|' || daily_cap
        || '|' || saturation
        || '|' || is_hand_raise
        || '|' || coalesce(score_group, '') as rule_text
    from {{ ref('scoring_rules') }}

),

score_groups as (

    select 'group ' || score_group || '|' || group_cap as rule_text
    from {{ ref('scoring_groups') }}

),

bands as (

    select 'band ' || band || '|' || minimum_score as rule_text
    from {{ ref('score_bands') }}

),

page_classes as (

    select 'page ' || page_class || '|' || priority || '|' || path_pattern as rule_text
    from {{ ref('page_classes') }}

),

numbers as (

    {% for name in [
        'person_score_scale', 'forget_after_half_lives', 'hand_raise_days',
        'account_score_scale', 'account_rank_decay', 'diversity_bonus',
        'diversity_people_cap', 'active_people_days'
    ] -%}
    select '{{ name }} {{ var(name) }}' as rule_text
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

rule_texts as (

    select rule_text from rules
    union all
    select rule_text from score_groups
    union all
    select rule_text from bands
    union all
    select rule_text from page_classes
    union all
    select rule_text from numbers

),

fingerprint as (

    select md5({{ joined_in_order('rule_text', "chr(10)", 'rule_text') }}) as ruleset_id
    from rule_texts

)

select
    fingerprint.ruleset_id,
    settings.is_as_of_today,
    settings.as_of_date
from fingerprint
cross join settings
