-- One row a person with an event. Who comes and who goes is known; of the others only
-- the scores that have changed are written.
-- depends_on: {{ ref('int_people_scored') }}
-- depends_on: {{ ref('int_nobody_scored') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true,
        carried=[{
            'from': 'int_people_scored',
            'otherwise': 'int_nobody_scored',
            'columns': ['intent_band', 'intent_score', 'points', 'score_change_7d']
        }],
        same_for_all={
            'from': 'int_rulesets_dated', 'columns': ['as_of_date', 'ruleset_id']
        },
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
{{ touched_cte() }}
{% endif %}

people as (

    select * from {{ ref('int_people_measured') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}

),

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

)

select
    people.person_id,
    people.intent_band,
    rulesets.ruleset_id,
    people.intent_score,
    people.points,
    people.score_change_7d,
    rulesets.as_of_date
from people
cross join rulesets
