-- Which campaigns lead to conversions, and what are those worth?
--
-- One row a campaign and currency, by the model `position_based`: write the name of
-- another to change it. `credited_conversions` sums over all rows to the conversions of
-- the log; what came by no campaign stands under its channel with an empty campaign.
-- The value is 0 until seeds/attribution/conversion_events.csv or the events state one.
with

credits as (

    select * from {{ ref('fct_attribution') }}
    where model = 'position_based'

),

touchpoints as (

    select * from {{ ref('fct_touchpoints') }}

)

select
    credits.channel,
    touchpoints.utm_source,
    touchpoints.utm_medium,
    touchpoints.utm_campaign,
    credits.currency,
    count(distinct credits.conversion_id) as conversion_count,
    sum(credits.credit) as credited_conversions,
    sum(credits.credited_value) as credited_value
from credits
left join touchpoints
    on
        credits.conversion_id = touchpoints.conversion_id
        and credits.session_id = touchpoints.session_id
group by
    credits.channel,
    touchpoints.utm_source,
    touchpoints.utm_medium,
    touchpoints.utm_campaign,
    credits.currency
order by
    credited_conversions desc,
    credits.channel asc,
    touchpoints.utm_source asc nulls first,
    touchpoints.utm_medium asc nulls first,
    touchpoints.utm_campaign asc nulls first,
    credits.currency asc
