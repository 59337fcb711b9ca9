-- One row a person with at least one event. Those are written again of whom something
-- has changed, or is told otherwise by a CRM or a flag, and of whom a day counts after
-- this or the last as-of date; of the others only the scores that have changed are.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        alive_column='is_identified',
        carried=[{
            'from': 'int_people_scored',
            'otherwise': 'int_nobody_scored',
            'columns': ['intent_band', 'intent_score', 'points', 'score_change_7d']
        }],
        same_for_all={'from': 'int_rulesets_dated', 'columns': ['as_of_date']},
        on_schema_change='fail'
    )
}}

with

people as (

    select * from {{ ref('int_people_summarised') }}

),

told as (

    select * from {{ ref('int_people_told') }}

),

scores as (

    select * from {{ ref('int_people_scored') }}

),

nobody as (

    select * from {{ ref('int_nobody_scored') }}

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

{% if is_update() -%}
standing as (

    select max(as_of_date) as as_of_date
    from {{ this }}

),

-- of whom a day counts after this or the last as-of date
moved as (

    select person_id
    from {{ ref('int_rules_summed') }}
    where last_date > (
        select least(settings.as_of_date, standing.as_of_date)
        from settings
        cross join standing
    )

),

told_before as (

    select * from {{ this }}
    where {{ tells_something() }}

),

touched as (

    {{ touched_people(this) | indent(4) }}
    union
    -- of whom something else is told now
    select coalesce(told.person_id, told_before.person_id) as person_id
    from told
    full outer join told_before on told.person_id = told_before.person_id
    where
        told.person_id is null
        or told_before.person_id is null
        {%- for column in told_columns() %}
        or told.{{ column }} is distinct from told_before.{{ column }}
        {%- endfor %}
    union
    -- another day may be the last that counts, by another as-of day
    select person_id from moved

),
{% endif %}

visits as (

    select * from {{ ref('int_people_visited') }}
    {%- if is_update() %}
    where person_id in ({{ few_of('person_id', 'touched') }})
    {%- endif %}

),

last_days as (

    select
        person_id,
        max(last_date) as last_scored_date
    from {{ ref('int_last_days_found') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}
    group by person_id

),

written as (

    select
        people.person_id,
        people.account_id,
        people.primary_email,
        people.email_domain,
        people.email_class,
        told.owner,
        told.stage,
        visits.first_channel,
        visits.latest_channel,
        people.exclusion_reason,
        people.exclusion_rule,
        people.traffic_flag,
        told.flags,
        told.flag_reasons,
        people.event_count,
        people.is_identified,
        last_days.last_scored_date,
        settings.as_of_date,
        people.first_seen_at,
        people.last_seen_at,
        told.full_name,
        told.job_title,
        told.company_name,
        told.phone,
        coalesce(scores.intent_band, nobody.intent_band) as intent_band,
        coalesce(scores.intent_score, nobody.intent_score) as intent_score,
        coalesce(scores.points, nobody.points) as points,
        coalesce(scores.score_change_7d, nobody.score_change_7d) as score_change_7d,
        coalesce(told.is_customer, false) as is_customer,
        coalesce(told.can_email, true) as can_email,
        coalesce(visits.session_count, 0) as session_count
    from people
    {% if is_update() -%}
    inner join touched on people.person_id = touched.person_id
    {% endif -%}
    cross join settings
    cross join nobody
    left join scores on people.person_id = scores.person_id
    left join last_days on people.person_id = last_days.person_id
    left join told on people.person_id = told.person_id
    left join visits on people.person_id = visits.person_id

)

select
    {% if is_update() -%}
    touched.person_id,
    {%- else -%}
    written.person_id,
    {%- endif %}
    written.account_id,
    written.primary_email,
    written.email_domain,
    written.email_class,
    written.owner,
    written.stage,
    written.first_channel,
    written.latest_channel,
    written.intent_band,
    written.exclusion_reason,
    written.exclusion_rule,
    written.traffic_flag,
    written.flags,
    written.flag_reasons,
    written.event_count,
    written.intent_score,
    written.points,
    written.score_change_7d,
    written.is_identified,
    written.last_scored_date,
    written.as_of_date,
    written.first_seen_at,
    written.last_seen_at,
    written.full_name,
    written.job_title,
    written.company_name,
    written.phone,
    written.is_customer,
    written.can_email,
    written.session_count
{%- if is_update() %}
from touched
left join written on touched.person_id = written.person_id
{%- else %}
from written
{%- endif %}
