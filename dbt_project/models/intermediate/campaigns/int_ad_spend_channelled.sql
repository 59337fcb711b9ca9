-- One row a distinct source, medium and campaign that money was spent on, with the
-- channel of a visit by a link tagged so. A rule that asks for a page's path asks in
-- vain: an ad has none.
with

spend as (

    select * from {{ ref('stg_ads__spend') }}

),

sources as (

    select * from {{ ref('int_sources_matched') }}
    where is_campaign

),

channel_rules as (

    select
        rule_id,
        channel
    from {{ ref('channel_rules') }}
    union all
    select
        rule_id,
        channel
    from {{ ref('custom_channels') }}

),

campaigns as (

    select distinct
        source,
        medium,
        campaign
    from spend

),

signals as (

    select
        campaigns.source,
        campaigns.medium,
        campaigns.campaign,
        sources.category,
        '' as path
    from campaigns
    left join sources on campaigns.source = sources.source

),

ruled as (

    select
        *,
        {{ channel_rule_id() }} as rule_id
    from signals

)

select
    ruled.source,
    ruled.medium,
    ruled.campaign,
    coalesce(ruled.rule_id, 'no_rule') as channel_rule,
    coalesce(channel_rules.channel, 'Unassigned') as channel
from ruled
left join channel_rules on ruled.rule_id = channel_rules.rule_id
