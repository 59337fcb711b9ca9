-- A returned row is a period, model and currency in which campaigns have another value
-- than conversions have, or other conversions than there are: all of those are in the
-- reporting currency. Every day is in one week and month.
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
        1 as conversion_count,
        0 as value,
        {{ reporting_currency() }} as currency
    from {{ ref('fct_conversions') }}
    union all
    select
        0 as conversion_count,
        {{ reported_amount('conversions.value', 'rates.rate') }} as value,
        {{ reported_currency('conversions.currency', 'rates.rate') | indent(8) }}
            as currency
    from {{ ref('fct_conversions') }} as conversions
    left join rates on conversions.currency = rates.currency

),

expected as (

    select
        periods.period,
        models.model,
        converted.currency,
        sum(converted.conversion_count) as conversion_count,
        sum(converted.value) as value
    from converted
    cross join models
    cross join (values ('week'), ('month')) as periods (period)
    group by
        periods.period,
        models.model,
        converted.currency

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
    expected.conversion_count,
    reported.conversion_count as reported_conversion_count,
    expected.value,
    reported.value as reported_value,
    coalesce(expected.period, reported.period) as period,
    coalesce(expected.model, reported.model) as model,
    coalesce(expected.currency, reported.currency) as currency
from expected
full outer join reported
    on
        expected.period = reported.period
        and expected.model = reported.model
        and expected.currency = reported.currency
where
    coalesce(expected.conversion_count, 0) != coalesce(reported.conversion_count, 0)
    or coalesce(expected.value, 0) != coalesce(reported.value, 0)
