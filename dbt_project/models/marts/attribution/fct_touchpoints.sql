-- One row a conversion and session of the person, on any device, that led up to it: it
-- began at most the look-back earlier, the session of the conversion included.
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

conversions as (

    select * from {{ ref('fct_conversions') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}

),

sessions as (

    select * from {{ ref('fct_sessions') }} as visits
    where {{ is_visit('visits') | indent(8) }}

)

select
    conversions.conversion_id,
    sessions.session_id,
    conversions.person_id,
    sessions.channel,
    sessions.utm_source,
    sessions.utm_medium,
    sessions.utm_campaign,
    sessions.started_at as touched_at,
    conversions.converted_at,
    row_number() over (
        partition by conversions.conversion_id
        order by sessions.started_at, sessions.session_id
    ) as position,
    count(*) over (partition by conversions.conversion_id) as touchpoint_count
from conversions
inner join sessions
    on
        conversions.person_id = sessions.person_id
        and {{ is_within_lookback(
            'sessions.started_at', 'conversions.converted_at'
        ) | indent(8) }}
