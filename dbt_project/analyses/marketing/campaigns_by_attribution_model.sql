-- How much does the credit of a campaign depend on the model?
--
-- One row a campaign that got credit for conversions in the last three months that the
-- log has, with its conversions by each model. Where `by_first` is far above `by_last`,
-- the campaign finds people whom something else brings back; where it is far below, it
-- brings back those who know you already. Each column sums to the same conversions.
with

months as (

    select *
    from {{ ref('rpt_campaigns') }}
    where period = 'month'

),

newest as (

    select max(period_start) as newest_month from months

),

credited as (

    select months.*
    from months
    inner join newest
        on months.period_start > newest.newest_month - interval 3 month

),

summed as (

    select
        channel,
        source,
        medium,
        campaign,
        model,
        sum(conversion_count) as conversions
    from credited
    group by channel, source, medium, campaign, model

)

select
    channel,
    source,
    medium,
    campaign,
    round(sum(conversions) filter (where model = 'first'), 2) as by_first,
    round(sum(conversions) filter (where model = 'last'), 2) as by_last,
    round(sum(conversions) filter (where model = 'last_non_direct'), 2)
        as by_last_non_direct,
    round(sum(conversions) filter (where model = 'linear'), 2) as by_linear,
    round(sum(conversions) filter (where model = 'position_based'), 2)
        as by_position,
    round(sum(conversions) filter (where model = 'time_decay'), 2) as by_time_decay
from summed
group by channel, source, medium, campaign
having sum(conversions) > 0
order by
    by_linear desc,
    channel asc,
    source asc,
    medium asc,
    campaign asc
