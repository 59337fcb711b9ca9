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

credited as (

    {{ credit_by_model('touchpoints') | indent(4) }}

),

channelled as (

    select
        credited.conversion_id,
        credited.session_id,
        credited.model,
        touchpoints.channel,
        touchpoints.position,
        credited.credit
    from credited
    inner join touchpoints
        on
            credited.conversion_id = touchpoints.conversion_id
            and credited.session_id = touchpoints.session_id
    {%- for model in attribution_models() %}
    union all
    select
        conversion_id,
        cast(null as varchar) as session_id,
        '{{ model }}' as model,
        {{ direct_channel() }} as channel,
        1 as position,
        cast(1 as decimal(18, 12)) as credit
    from conversions
    where conversion_id not in (select touchpoints.conversion_id from touchpoints)
    {%- endfor %}

)

select
    conversions.conversion_id,
    channelled.session_id,
    conversions.person_id,
    channelled.model,
    channelled.channel,
    conversions.currency,
    channelled.credit,
    {{ credited_value(
        'conversions.value', 'channelled.credit',
        'channelled.conversion_id, channelled.model', 'channelled.position'
    ) | indent(4) }} as credited_value,
    conversions.converted_at
from channelled
inner join conversions on channelled.conversion_id = conversions.conversion_id
