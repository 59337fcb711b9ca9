-- One row a person and rule: what all its days are worth together on the last of them.
-- Only a touched person changes it; what it is worth on a later day is arithmetic.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{% if is_update() -%}
{{ touched_cte() }}
{% endif %}

person_days as (

    select
        person_days.*,
        rules.half_life_days,
        max(person_days.event_date) over (
            partition by person_days.person_id, person_days.rule_id
        ) as last_date
    from {{ ref('int_person_days_counted') }} as person_days
    inner join {{ ref('scoring_rules') }} as rules
        on person_days.rule_id = rules.rule_id
    {%- if is_update() %}
    where
        person_days.load_id > {{ mark_of(this) }}
        and person_days.person_id in (select touched.person_id from touched)
    {%- endif %}

)

select
    person_id,
    rule_id,
    last_date,
    sum({{ points_on('day_points', 'event_date', 'last_date', 'half_life_days') }})
        as points_at_last_date
from person_days
group by
    person_id,
    rule_id,
    last_date
