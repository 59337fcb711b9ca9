-- One row a day and campaign, with what it cost.
with

spend as (

    select * from {{ ref('int_ad_spend_settled') }}

),

channels as (

    select * from {{ ref('int_ad_spend_channelled') }}

),

rates as (

    select * from {{ ref('currency_rates') }}

)

select
    spend.spend_id,
    spend.source,
    spend.medium,
    spend.campaign,
    channels.channel,
    channels.channel_rule,
    spend.currency,
    {{ reported_currency('spend.currency', 'rates.rate') | indent(4) }}
        as reported_currency,
    spend.properties,
    spend.cost,
    {{ reported_amount('spend.cost', 'rates.rate') }} as reported_cost,
    spend.spend_date,
    spend.updated_at
from spend
inner join channels
    on
        spend.source = channels.source
        and spend.medium = channels.medium
        and spend.campaign = channels.campaign
left join rates on spend.currency = rates.currency
