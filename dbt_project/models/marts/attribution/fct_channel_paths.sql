-- One row a conversion, with the channels by which its person came until then; and one
-- row a person and calendar month with visits and no conversion, with those of the same
-- look-back up to the last of them. Visits by the same channel in a row are one step.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true,
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
{{ touched_cte() }}
{% endif %}

people as (

    select * from {{ ref('int_people_summarised') }}
    where
        exclusion_reason is null
        {%- if is_update() %}
        and person_id in (select touched.person_id from touched)
        {%- endif %}

),

conversions as (

    select * from {{ ref('fct_conversions') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}

),

visits as (

    select
        sessions.person_id,
        sessions.session_id,
        sessions.channel,
        sessions.started_at,
        cast(date_trunc('month', sessions.started_at) as date) as path_month
    from {{ ref('fct_sessions') }} as sessions
    inner join people on sessions.person_id = people.person_id
    where {{ is_visit('sessions') | indent(8) }}

),

converting_months as (

    select distinct
        person_id,
        cast(date_trunc('month', converted_at) as date) as path_month
    from conversions

),

quiet_months as (

    select
        visits.person_id,
        visits.path_month,
        max(visits.started_at) as ended_at
    from visits
    left join converting_months
        on
            visits.person_id = converting_months.person_id
            and visits.path_month = converting_months.path_month
    where converting_months.person_id is null
    group by
        visits.person_id,
        visits.path_month

),

steps as (

    select
        conversions.person_id,
        conversions.conversion_id,
        cast(date_trunc('month', conversions.converted_at) as date) as path_month,
        touchpoints.session_id,
        conversions.converted_at as ended_at,
        touchpoints.touched_at,
        coalesce(touchpoints.channel, {{ direct_channel() }}) as channel
    from conversions
    left join touchpoints on conversions.conversion_id = touchpoints.conversion_id
    union all
    select
        quiet_months.person_id,
        cast(null as varchar) as conversion_id,
        quiet_months.path_month,
        visits.session_id,
        quiet_months.ended_at,
        visits.started_at as touched_at,
        visits.channel
    from quiet_months
    inner join visits
        on
            quiet_months.person_id = visits.person_id
            and {{ is_within_lookback(
                'visits.started_at', 'quiet_months.ended_at'
            ) | indent(12) }}

),

paths as (

    select
        person_id,
        conversion_id,
        path_month,
        ended_at,
        count(session_id) as visit_count,
        min(channel) as one_channel,
        max(channel) as other_channel
    from steps
    group by
        person_id,
        conversion_id,
        path_month,
        ended_at

),

-- most are of one channel, with nothing to be joined
compared as (

    select
        steps.*,
        paths.visit_count,
        lag(steps.channel) over (
            partition by steps.person_id, steps.path_month, steps.conversion_id
            order by steps.touched_at, steps.session_id
        ) as channel_before
    from steps
    inner join paths
        on
            steps.person_id = paths.person_id
            and steps.path_month = paths.path_month
            and steps.conversion_id is not distinct from paths.conversion_id
    where paths.one_channel != paths.other_channel

)

select
    person_id,
    conversion_id,
    visit_count,
    path_month,
    ended_at,
    one_channel as channel_path
from paths
where one_channel = other_channel
union all
select
    person_id,
    conversion_id,
    visit_count,
    path_month,
    ended_at,
    {{ joined_in_order(
        'channel', path_separator(), 'touched_at, session_id'
    ) }} as channel_path
from compared
where channel_before is null or channel != channel_before
group by
    person_id,
    conversion_id,
    visit_count,
    path_month,
    ended_at
