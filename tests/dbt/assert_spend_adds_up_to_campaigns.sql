-- A returned row is a period, model and currency in which campaigns cost other than
-- what the files say. Every day is in one week and in one month.
with

models as (

    {% for model in attribution_models() %}
    {{ 'union all' if not loop.first }}
    select '{{ model }}' as model
    {% endfor %}

),

spent as (

    select
        periods.period,
        models.model,
        spend.reported_currency as currency,
        sum(spend.reported_cost) as cost
    from {{ ref('fct_ad_spend') }} as spend
    cross join models
    cross join (values ('week'), ('month')) as periods (period)
    group by
        periods.period,
        models.model,
        spend.reported_currency

),

reported as (

    select
        period,
        model,
        currency,
        sum(cost) as cost
    from {{ ref('rpt_campaigns') }}
    where period in ('week', 'month')
    group by
        period,
        model,
        currency

)

select
    spent.cost as spent,
    reported.cost as reported,
    coalesce(spent.period, reported.period) as period,
    coalesce(spent.model, reported.model) as model,
    coalesce(spent.currency, reported.currency) as currency
from spent
full outer join reported
    on
        spent.period = reported.period
        and spent.model = reported.model
        and spent.currency = reported.currency
where coalesce(spent.cost, 0) != coalesce(reported.cost, 0)
