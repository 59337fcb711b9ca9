-- A returned row is a figure of the overview that its parts do not add up to, or that
-- another table tells otherwise.
with

figures as (

    select * from {{ ref('rpt_overview_figures') }}

),

campaigns as (

    select
        cast(sum(case when has_rate then cost end) as decimal(38, 2)) as cost,
        cast(round(sum(conversion_count)) as decimal(38, 2)) as conversion_count
    from {{ ref('rpt_campaigns') }}
    where
        period = 'recent'
        and model = '{{ var('overview_model') }}'

),

pairs as (

    select
        'sessions and channels' as pair,
        sum(case when figure = 'sessions' then current_value end) as whole,
        sum(case when figure = 'channel_sessions' then current_value end) as parts
    from figures
    union all
    select
        'people and channels' as pair,
        sum(case when figure = 'people' then current_value end) as whole,
        sum(case when figure = 'channel_people' then current_value end) as parts
    from figures
    union all
    select
        'cost and campaigns' as pair,
        sum(case when figures.figure = 'cost' then figures.current_value end) as whole,
        max(campaigns.cost) as parts
    from figures
    cross join campaigns
    union all
    select
        'conversions and credit' as pair,
        sum(case when figures.figure = 'conversions' then figures.current_value end)
            as whole,
        max(campaigns.conversion_count) as parts
    from figures
    cross join campaigns

)

select *
from pairs
where coalesce(whole, 0) != coalesce(parts, 0)
