-- How much does the credit of a campaign depend on the model?
--
-- One row a campaign that got credit for conversions in the last three months that the
-- log has, with its conversions by each model. Where `first` is far above `last`, the
-- campaign finds people whom something else brings back; where it is far below, it
-- brings back those who know you already. Each column sums to the same conversions.
with

months as (

    select *
    from {{ ref('rpt_campaigns') }}
    where period = 'month'

),

newest as (

    select max(period_start) as newest_month from months

)

select
    months.channel,
    months.source,
    months.medium,
    months.campaign,
    {%- for model in attribution_models() %}
    round(
        sum(months.conversion_count) filter (where months.model = '{{ model }}'), 2
    ) as {{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
from months
inner join newest
    on months.period_start > newest.newest_month - interval 3 month
group by months.channel, months.source, months.medium, months.campaign
having sum(months.conversion_count) > 0
order by
    linear desc,
    channel asc,
    source asc,
    medium asc,
    campaign asc
