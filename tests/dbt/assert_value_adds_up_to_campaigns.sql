-- A returned row is a period, model and currency in which campaigns have other
-- conversions, or another value, than there are. Every day is in one week and month.
with

rates as (

    select * from {{ ref('currency_rates') }}

),

models as (

    {% for model in attribution_models() %}
    {{ 'union all' if not loop.first }}
    select '{{ model }}' as model
    {% endfor %}

),

converted as (

    select
        periods.period,
        models.model,
        {{ reported_currency('conversions.currency', 'rates.rate') | indent(8) }}
            as currency,
        count(*) as conversion_count,
        sum({{ reported_amount('conversions.value', 'rates.rate') }}) as value
    from {{ ref('fct_conversions') }} as conversions
    left join rates on conversions.currency = rates.currency
    cross join models
    cross join (values ('week'), ('month')) as periods (period)
    group by
        periods.period,
        models.model,
        {{ reported_currency('conversions.currency', 'rates.rate') | indent(8) }}

),

reported as (

    select
        period,
        model,
        currency,
        sum(conversion_count) as conversion_count,
        sum(value) as value
    from {{ ref('rpt_campaigns') }}
    where period in ('week', 'month')
    group by
        period,
        model,
        currency

)

select
    converted.conversion_count,
    reported.conversion_count as reported_conversion_count,
    converted.value,
    reported.value as reported_value,
    coalesce(converted.period, reported.period) as period,
    coalesce(converted.model, reported.model) as model,
    coalesce(converted.currency, reported.currency) as currency
from converted
full outer join reported
    on
        converted.period = reported.period
        and converted.model = reported.model
        and converted.currency = reported.currency
where
    coalesce(converted.conversion_count, 0) != coalesce(reported.conversion_count, 0)
    or coalesce(converted.value, 0) != coalesce(reported.value, 0)
