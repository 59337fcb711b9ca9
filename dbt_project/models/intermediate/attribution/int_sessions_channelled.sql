-- One row a session that saw a page: where it came from. Channels follow the default
-- channel groups of Google Analytics 4 in their order; channel_rule says what decided.
with

entries as (

    select * from {{ ref('int_entries_parsed') }}

),

urls as (

    select * from {{ ref('int_urls_parsed') }}

),

referrers as (

    select * from {{ ref('int_referrers_parsed') }}

),

source_hosts as (

    select * from {{ ref('source_hosts') }}

),

sources as (

    select
        source_name,
        min(category) as category
    from source_hosts
    group by source_name

),

entry_signals as (

    select
        entries.session_id,
        entries.entry_page_url,
        entries.exit_page_url,
        entries.referrer_url,
        referrers.referrer_domain,
        referrers.category as referrer_category,
        urls.utm_source,
        urls.utm_medium,
        urls.utm_campaign,
        urls.utm_term,
        urls.utm_content,
        urls.click_id_type,
        urls.click_id,
        urls.click_category,
        coalesce(urls.click_implies_paid, false) as click_implies_paid,
        coalesce(named_hosts.category, sources.category) as utm_category,
        coalesce(urls.utm_medium, '') as medium,
        lower(coalesce(urls.utm_campaign, '')) as campaign,
        -- the site's own pages send nobody, whether or not its domains are set
        coalesce(
            not referrers.is_own_site
            and referrers.referrer_domain
            != {{ url_host('entries.entry_page_url') }},
            false
        ) as has_referrer
    from entries
    left join urls on entries.entry_page_url = urls.url
    left join referrers on entries.referrer_url = referrers.referrer_url
    left join sources on urls.utm_source = sources.source_name
    left join source_hosts as named_hosts on urls.utm_source = named_hosts.host

),

-- a campaign's source speaks before a click id, and that before the referrer
signals as (

    select
        *,
        case
            when utm_source is not null then coalesce(utm_category, '')
            when click_id_type is not null then click_category
            when has_referrer then coalesce(referrer_category, '')
            else ''
        end as category,
        case
            when utm_source is not null then 'utm_source ' || utm_source
            when click_id_type is not null then click_id_type
            when has_referrer then 'referrer ' || referrer_domain
        end as source,
        utm_medium is null and click_implies_paid as is_paid_click,
        {{ matches('medium', "'^(.*cp.*|ppc|retargeting|paid.*)$'") }}
            as is_paid_medium,
        {{ matches('campaign', "'(^|[^a-df-z])shop|shopping'") }}
            as is_shopping_campaign,
        (
            has_referrer
            and utm_source is null
            and utm_medium is null
            and click_id_type is null
        ) as is_referred
    from entry_signals

),

paid as (

    select
        *,
        is_paid_click or is_paid_medium as is_paid
    from signals

),

grouped as (

    select
        *,
        case
            when source is null and medium = '' and campaign = '' then 'Direct'
            when campaign like '%cross-network%' then 'Cross-network'
            when is_paid and (category = 'shopping' or is_shopping_campaign)
                then 'Paid Shopping'
            when is_paid and category = 'search' then 'Paid Search'
            when is_paid and category = 'social' then 'Paid Social'
            when is_paid and category = 'video' then 'Paid Video'
            when
                medium in ('display', 'banner', 'expandable', 'interstitial', 'cpm')
                or (is_paid_click and category = 'display')
                then 'Display'
            when is_paid then 'Paid Other'
            when category = 'shopping' or is_shopping_campaign then 'Organic Shopping'
            when
                category = 'social'
                or medium in (
                    'social', 'social-network', 'social-media', 'sm', 'social network',
                    'social media'
                )
                then 'Organic Social'
            when category = 'video' or medium like '%video%' then 'Organic Video'
            when category = 'search' or medium = 'organic' then 'Organic Search'
            when category = 'ai_assistant' or medium = 'ai-assistant'
                then 'AI Assistant'
            when
                medium in ('referral', 'app', 'link')
                or (is_referred and category = '')
                then 'Referral'
            when
                category = 'mail'
                or medium in ('email', 'e-mail', 'e_mail', 'e mail')
                or utm_source in ('email', 'e-mail', 'e_mail', 'e mail')
                then 'Email'
            when category = 'affiliate' or medium = 'affiliate' then 'Affiliates'
            when medium = 'audio' then 'Audio'
            when medium = 'sms' or utm_source = 'sms' then 'SMS'
            when
                medium like '%push'
                or medium like '%mobile%'
                or medium like '%notification%'
                or utm_source = 'firebase'
                then 'Mobile Push'
            else 'Unassigned'
        end as channel
    from paid

)

select
    session_id,
    entry_page_url,
    exit_page_url,
    referrer_url,
    referrer_domain,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    click_id_type,
    click_id,
    channel,
    case
        when channel = 'Direct' then 'no source'
        else concat_ws(
            ', ', coalesce(source, 'utm_campaign ' || utm_campaign),
            'utm_medium ' || utm_medium,
            case when is_paid_click then 'a paid click' end
        )
    end as channel_rule
from grouped
