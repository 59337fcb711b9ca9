-- A returned row is a currency of costs or values without a rate: its amounts stand in
-- rows of their own until seeds/ad_spend/currency_rates.csv has one.
{{ config(severity='warn') }}

with

rates as (

    select * from {{ ref('currency_rates') }}

),

used as (

    select
        currency,
        'cost' as amount
    from {{ ref('fct_ad_spend') }}
    union
    select
        currency,
        'value' as amount
    from {{ ref('fct_conversions') }}

)

select
    used.currency,
    used.amount
from used
left join rates on used.currency = rates.currency
where rates.currency is null
