-- One row a period, campaign, attribution model and currency that has some credit: of
-- the conversions in the period, whichever day the visit was. A conversion that no
-- session led to is Direct's.
with

credits as (

    select
        conversion_id,
        session_id,
        model,
        channel,
        currency,
        credit,
        credited_value,
        cast(converted_at as date) as conversion_date
    from {{ ref('fct_attribution') }}

),

-- nothing is nothing in any currency, and needs no rate
worthless as (

    select conversion_id from {{ ref('fct_conversions') }}
    where
        value = 0
        and currency != {{ reporting_currency() }}

),

visits as (

    select * from {{ ref('int_visits_counted') }}
    where session_id in (select credits.session_id from credits)

),

rates as (

    select * from {{ ref('currency_rates') }}

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

credited as (

    select
        credits.model,
        credits.channel,
        coalesce(visits.source, '(direct)') as source,
        coalesce(visits.medium, '(none)') as medium,
        coalesce(visits.campaign, '(not set)') as campaign,
        case
            when worthless.conversion_id is not null then {{ reporting_currency() }}
            else {{ reported_currency('credits.currency', 'rates.rate') | indent(12) }}
        end as currency,
        credits.credit,
        {{ reported_amount('credits.credited_value', 'rates.rate') }} as value,
        credits.conversion_date,
        settings.as_of_date
    from credits
    cross join settings
    left join visits on credits.session_id = visits.session_id
    left join rates on credits.currency = rates.currency
    left join worthless on credits.conversion_id = worthless.conversion_id

)

{%- for period in report_periods('conversion_date', 'as_of_date') %}

select
    '{{ period.name }}' as period,
    channel,
    source,
    medium,
    campaign,
    model,
    currency,
    sum(credit) as conversion_count,
    sum(value) as value,
    {{ period.start }} as period_start
from credited
where {{ period.holds }}
group by channel, source, medium, campaign, model, currency, {{ period.start }}
{{- '\nunion all' if not loop.last }}
{%- endfor %}
