-- One row a person with at least one event. Those are written again of whom something
-- has changed, and those whom a CRM or a flag speaks of, who are few; of the others
-- only the scores that have changed are.
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

described as (

    select * from {{ ref('int_people_described') }}

),

leads as (

    select * from {{ ref('int_leads_merged') }}

),

scores as (

    select * from {{ ref('int_people_measured') }}

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

told_flags as (

    select
        person_id,
        {{ joined_in_order('flag', "', '", 'flag') }} as flags,
        {{ joined_in_order("flag || ': ' || reason", "'; '", 'flag') }} as flag_reasons,
        bool_or(flag = 'cannot_email') as is_mail_refused
    from {{ ref('int_people_flagged') }}
    group by person_id

),

visits as (

    select * from {{ ref('int_people_visited') }}

),

{% if is_update() -%}
standing as (

    select max(as_of_date) as as_of_date
    from {{ this }}

),

touched as (

    {{ touched_people(this) | indent(4) }}
    union
    select person_id from leads
    union
    select person_id from told_flags
    union
    select person_id from {{ this }}
    where
        coalesce(full_name, job_title, company_name, phone, owner, stage, flags)
        is not null
        or is_customer
        or not can_email
    union
    -- another day may be the last that counts, by another as-of day
    select summed.person_id
    from {{ ref('int_rules_summed') }} as summed
    cross join settings
    cross join standing
    where summed.last_date > least(settings.as_of_date, standing.as_of_date)

),
{% endif %}

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
        leads.owner,
        leads.stage,
        visits.first_channel,
        visits.latest_channel,
        scores.intent_band,
        people.exclusion_reason,
        people.exclusion_rule,
        people.traffic_flag,
        told_flags.flags,
        told_flags.flag_reasons,
        people.event_count,
        scores.intent_score,
        scores.points,
        scores.score_change_7d,
        people.is_identified,
        last_days.last_scored_date,
        settings.as_of_date,
        people.first_seen_at,
        people.last_seen_at,
        -- what sales keep in their CRM goes before what somebody typed into a form
        coalesce(leads.full_name, described.full_name) as full_name,
        coalesce(leads.job_title, described.job_title) as job_title,
        coalesce(leads.company_name, described.company_name) as company_name,
        coalesce(leads.phone, described.phone) as phone,
        coalesce(leads.is_customer, false) as is_customer,
        not coalesce(told_flags.is_mail_refused, false) as can_email,
        coalesce(visits.session_count, 0) as session_count
    from people
    {% if is_update() -%}
    inner join touched on people.person_id = touched.person_id
    {% endif -%}
    cross join settings
    inner join scores on people.person_id = scores.person_id
    left join described on people.person_id = described.person_id
    left join last_days on people.person_id = last_days.person_id
    left join leads on people.person_id = leads.person_id
    left join told_flags on people.person_id = told_flags.person_id
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
