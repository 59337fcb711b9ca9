-- One row a period, campaign, attribution model and currency: what came of it and what
-- it cost. Visits and conversions stand in the rows of the reporting currency; an
-- amount in a currency without a rate has a row of its own, and the ratios that it
-- would belong to are null.
with

traffic as (

    select * from {{ ref('fct_campaign_traffic') }}

),

credits as (

    select * from {{ ref('fct_campaign_credit') }}

),

spend as (

    select * from {{ ref('fct_campaign_spend') }}

),

models as (
    {%- for model in attribution_models() %}
    {{ 'union all' if not loop.first }}
    select '{{ model }}' as model
    {%- endfor %}

),

{%- set key = ['period', 'period_start', 'channel', 'source', 'medium', 'campaign'] %}
{%- set counts = [
    'session_count', 'engaged_session_count', 'people_count',
    'identified_people_count', 'hot_people_count'
] %}

parts as (

    select
        traffic.{{ key | join(',\n        traffic.') }},
        models.model,
        {{ reporting_currency() }} as currency,
        traffic.{{ counts | join(',\n        traffic.') }},
        cast(0 as decimal(38, 12)) as conversion_count,
        cast(0 as decimal(38, 12)) as value,
        cast(0 as decimal(38, 12)) as cost
    from traffic
    cross join models
    union all
    select
        {{ key | join(',\n        ') }},
        model,
        {{ reporting_currency() }} as currency,
        {%- for count in counts %}
        0 as {{ count }},
        {%- endfor %}
        conversion_count,
        case when currency = {{ reporting_currency() }} then value else 0 end as value,
        0 as cost
    from credits
    union all
    select
        {{ key | join(',\n        ') }},
        model,
        currency,
        {%- for count in counts %}
        0 as {{ count }},
        {%- endfor %}
        0 as conversion_count,
        value,
        0 as cost
    from credits
    where currency != {{ reporting_currency() }}
    union all
    select
        spend.{{ key | join(',\n        spend.') }},
        models.model,
        spend.currency,
        {%- for count in counts %}
        0 as {{ count }},
        {%- endfor %}
        0 as conversion_count,
        0 as value,
        spend.cost
    from spend
    cross join models

),

summed as (

    select
        {{ key | join(',\n        ') }},
        model,
        currency,
        {%- for count in counts %}
        cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        cast(sum(conversion_count) as decimal(38, 12)) as conversion_count,
        cast(sum(value) as decimal(38, 12)) as value,
        cast(sum(cost) as decimal(38, 12)) as cost
    from parts
    group by {{ key | join(', ') }}, model, currency

),

judged as (

    select
        *,
        bool_and(currency = {{ reporting_currency() }}) over (
            partition by {{ key | join(', ') }}, model
        ) as is_whole
    from summed

)

select
    period,
    channel,
    source,
    medium,
    campaign,
    model,
    currency,
    session_count,
    engaged_session_count,
    people_count,
    identified_people_count,
    hot_people_count,
    conversion_count,
    value,
    cost,
    {{ ratio('cost', 'session_count', 'is_whole and cost > 0') }} as cost_per_session,
    {{ ratio('cost', 'identified_people_count', 'is_whole and cost > 0') }}
        as cost_per_identified_person,
    {{ ratio('cost', 'conversion_count', 'is_whole and cost > 0') }}
        as cost_per_conversion,
    {{ ratio('value', 'cost', 'is_whole') }} as return_on_spend,
    is_whole,
    currency = {{ reporting_currency() }} as has_rate,
    period_start
from judged
