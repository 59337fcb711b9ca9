-- One row a conversion, model and session that gets credit by it. A conversion that no
-- session led to is Direct's, by every model.
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

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}
    {%- if is_update() %}
    where person_id in (select touched.person_id from touched)
    {%- endif %}

),

led as (

    select
        conversions.conversion_id,
        touchpoints.session_id,
        conversions.person_id,
        conversions.currency,
        conversions.value,
        conversions.converted_at,
        coalesce(touchpoints.touched_at, conversions.converted_at) as touched_at,
        coalesce(touchpoints.channel, {{ direct_channel() }}) as channel,
        coalesce(touchpoints.position, 1) as position,
        coalesce(touchpoints.touchpoint_count, 1) as touchpoint_count
    from conversions
    left join touchpoints on conversions.conversion_id = touchpoints.conversion_id

),

credited as (

    {{ credit_by_model('led') | indent(4) }}

)

select
    conversion_id,
    session_id,
    person_id,
    model,
    channel,
    currency,
    credit,
    credited_value,
    converted_at
from credited
