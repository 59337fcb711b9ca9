-- One row a campaign that money was spent on in the recent days, the dearest first. A
-- currency without a rate has a row of its own, behind the others.
with

campaigns as (

    select * from {{ ref('rpt_campaigns') }}
    where
        period = 'recent'
        and model = '{{ var('overview_model') }}'
        and cost > 0

)

select
    channel,
    source,
    medium,
    campaign,
    currency,
    session_count,
    identified_people_count,
    conversion_count,
    value,
    cost,
    cost_per_identified_person,
    cost_per_conversion,
    return_on_spend,
    is_whole,
    has_rate,
    period_start,
    row_number() over (
        order by
            has_rate desc, cost desc, source asc, medium asc, campaign asc,
            channel asc, currency asc
    ) as campaign_rank
from campaigns
