-- One row a period, campaign and currency that money was spent in.
with

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

spend as (

    select
        spend.*,
        settings.as_of_date,
        -- nothing is nothing in any currency, and needs no rate
        case
            when spend.cost = 0 then {{ reporting_currency() }}
            else spend.reported_currency
        end as shown_currency
    from {{ ref('fct_ad_spend') }} as spend
    cross join settings

)

{%- for period in report_periods('spend_date', 'as_of_date') %}

select
    '{{ period.name }}' as period,
    channel,
    source,
    medium,
    campaign,
    shown_currency as currency,
    sum(reported_cost) as cost,
    {{ period.start }} as period_start
from spend
where {{ period.holds }}
group by channel, source, medium, campaign, shown_currency, {{ period.start }}
{{- '\nunion all' if not loop.last }}
{%- endfor %}
