-- Which campaigns pay off?
--
-- One row a campaign of the last 28 days that cost something, the dearest first:
-- what it brought, what each of that cost, and what came back for each unit spent.
-- Conversions are shared evenly among the visits that led to them (`linear`); put
-- another of the six models in its place. `value` stays 0 until
-- seeds/attribution/conversion_events.csv or the events say what a conversion is worth.
-- A campaign that was shown and brought nobody has 0 sessions. Money in a currency
-- without a rate has a row of its own: what it brought is in the one beside it.
with

campaigns as (

    select
        *,
        max(cost) over (
            partition by channel, source, medium, campaign
        ) as highest_cost
    from {{ ref('rpt_campaigns') }}
    where
        period = 'recent'
        and model = 'linear'

)

select
    channel,
    source,
    medium,
    campaign,
    session_count,
    people_count,
    identified_people_count,
    hot_people_count,
    currency,
    round(conversion_count, 2) as conversions,
    round(value, 2) as value,
    round(cost, 2) as cost,
    round(cost_per_session, 2) as cost_per_session,
    round(cost_per_identified_person, 2) as cost_per_identified_person,
    round(cost_per_conversion, 2) as cost_per_conversion,
    round(return_on_spend, 2) as return_on_spend
from campaigns
where highest_cost > 0
order by
    highest_cost desc,
    channel asc,
    source asc,
    medium asc,
    campaign asc,
    currency asc
