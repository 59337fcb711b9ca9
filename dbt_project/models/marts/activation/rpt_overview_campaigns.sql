-- One row a campaign that money was spent on in the recent days, the dearest first.
-- Money in a currency without a rate has a row of its own, behind the others; what came
-- of the campaign stands in its first row.
{%- set campaign = 'source, medium, campaign, channel' %}
{%- set counts = ['session_count', 'identified_people_count', 'conversion_count'] %}
with

campaigns as (

    select
        *,
        {%- for count in counts %}
        sum({{ count }}) over (partition by {{ campaign }}) as all_{{ count }},
        {%- endfor %}
        row_number() over (
            partition by {{ campaign }}, cost > 0
            order by has_rate desc, currency asc
        ) as place
    from {{ ref('rpt_campaigns') }}
    where
        period = 'recent'
        and model = '{{ var('overview_model') }}'

)

select
    channel,
    source,
    medium,
    campaign,
    currency,
    {%- for count in counts %}
    cast(
        case when place = 1 then all_{{ count }} end as {{
            'decimal(38, 12)' if count == 'conversion_count' else 'bigint'
        }}
    ) as {{ count }},
    {%- endfor %}
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
where cost > 0
