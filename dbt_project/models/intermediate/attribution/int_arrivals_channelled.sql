-- One row a distinct pair of an entry URL and a referrer: source, medium and campaign
-- as Google Analytics tells them, and the channel of the first rule that they match.
-- A pair once told stays.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='arrival_id'
    )
}}

with

arrivals as (

    select distinct
        arrival_id,
        {{ hash_number('entry_page_url') }} as url_id,
        entry_page_url,
        referrer_url
    from {{ ref('int_entries_parsed') }}
    {%- if is_update() %}
    where
        load_id > {{ mark_of(this) }}
        and arrival_id not in (select earlier.arrival_id from {{ this }} as earlier)
    {%- endif %}

),

urls as (

    select * from {{ ref('int_urls_parsed') }}

),

referrers as (

    select * from {{ ref('int_referrers_parsed') }}

),

sources as (

    select * from {{ ref('int_sources_matched') }}

),

source_categories as (

    select * from {{ ref('source_categories') }}

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

parsed as (

    select
        arrivals.arrival_id,
        arrivals.entry_page_url,
        arrivals.referrer_url,
        referrers.referrer_domain,
        urls.utm_source,
        urls.utm_medium,
        urls.utm_campaign,
        urls.utm_term,
        urls.utm_content,
        urls.click_id_type,
        urls.click_id,
        urls.click_network,
        urls.click_category,
        named.category as utm_category,
        referring.category as referrer_category,
        case
            when urls.click_implies_paid then click_categories.paid_medium
            else click_categories.organic_medium
        end as click_medium,
        coalesce(referrer_categories.organic_medium, 'referral') as referrer_medium,
        -- the site's own pages send nobody, whether or not its domains are set
        case
            when referrers.referrer_domain = urls.url_host then 'own_site'
            else referring.no_source_kind
        end as no_source_kind
    from arrivals
    inner join urls on arrivals.url_id = urls.url_id
    left join referrers on arrivals.referrer_url = referrers.referrer_url
    left join sources as named
        on urls.utm_source = named.source and named.is_campaign
    left join sources as referring
        on
            referrers.referrer_domain = referring.source
            and not referring.is_campaign
    left join source_categories as click_categories
        on urls.click_category = click_categories.category
    left join source_categories as referrer_categories
        on referring.category = referrer_categories.category

),

-- a campaign's source speaks before a click id, and that before the referrer
spoken as (

    select
        *,
        case
            when utm_source is not null then 'campaign'
            when click_id_type is not null then 'click'
            when referrer_domain is not null and no_source_kind is null
                then 'referrer'
            when utm_medium is null and utm_campaign is null then 'nothing'
            else 'tags'
        end as speaker
    from parsed

),

signals as (

    select
        *,
        case speaker
            when 'campaign' then utm_source
            when 'click' then click_network
            when 'referrer' then referrer_domain
            when 'nothing' then '(direct)'
            else '(not set)'
        end as source,
        case speaker
            when 'campaign' then utm_category
            when 'click' then click_category
            when 'referrer' then referrer_category
        end as category,
        case
            when utm_medium is not null then utm_medium
            when speaker = 'campaign' then coalesce(click_medium, '(not set)')
            when speaker = 'click' then coalesce(click_medium, 'referral')
            when speaker = 'referrer' then referrer_medium
            when speaker = 'nothing' then '(none)'
            else '(not set)'
        end as medium,
        lower(coalesce(utm_campaign, '(not set)')) as campaign,
        {{ url_path('entry_page_url') }} as path
    from spoken

),

ruled as (

    select
        *,
        {{ channel_rule_id() }} as rule_id,
        concat_ws(
            ', ',
            case
                when speaker = 'campaign' then 'utm_source ' || utm_source
                when speaker = 'click' then click_id_type
                when speaker = 'referrer' then 'referrer ' || referrer_domain
                when speaker = 'tags' then 'no source'
                when no_source_kind is not null
                    then
                        'referrer ' || referrer_domain || ' is no source ('
                        || no_source_kind || ')'
                else 'no referrer'
            end,
            case
                when utm_medium is not null then 'utm_medium ' || utm_medium
                when speaker = 'campaign' and click_medium is not null
                    then click_id_type
            end,
            'utm_campaign ' || utm_campaign
        ) as evidence
    from signals

)

select
    ruled.arrival_id,
    ruled.entry_page_url,
    ruled.referrer_url,
    ruled.referrer_domain,
    ruled.utm_source,
    ruled.utm_medium,
    ruled.utm_campaign,
    ruled.utm_term,
    ruled.utm_content,
    ruled.click_id_type,
    ruled.click_id,
    ruled.source,
    ruled.medium,
    ruled.campaign,
    coalesce(channel_rules.channel, 'Unassigned') as channel,
    coalesce(ruled.rule_id, 'no_rule') || ': ' || ruled.evidence as channel_rule
from ruled
left join channel_rules on ruled.rule_id = channel_rules.rule_id
