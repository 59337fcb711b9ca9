-- The one sort: narrow rows in the order of each device's time. Calls that are in no
-- session go behind those that are, so that the row before is always the event before.
create temp table timeline as
select
    events.event_row,
    devices.visitor_number,
    devices.is_shared,
    coalesce(shared_events.person_number, devices.person_number) as person_number,
    shared_events.slice_number,
    events.event_at,
    events.event_id,
    events.is_outside,
    events.is_page_view,
    events.is_conversion,
    events.is_bot,
    events.bot_name,
    events.url_number,
    events.class_number,
    events.rule_number,
    devices.visitor_md5
from events
inner join devices on events.visitor_id = devices.visitor_id
left join shared_events on events.event_row = shared_events.event_row
order by devices.visitor_number, events.is_outside, events.event_at, events.event_id;

-- Over rows in order, windows without partition or order stream: no second sort.
create temp table placed as
with

gaps as (

    select
        *,
        row_number() over () as place,
        lag(visitor_number) over () as previous_visitor,
        lag(event_at) over () as previous_at
    from timeline

),

starts as (

    select
        *,
        not is_outside and (
            previous_visitor is distinct from visitor_number
            or event_at - previous_at > getvariable('session_gap')
        ) as is_start
    from gaps

)

select
    * exclude (previous_visitor, previous_at),
    if(
        is_outside,
        null,
        sum(is_start::integer) over (rows between unbounded preceding and current row)
    )::bigint as session_key
from starts;

create temp table sessions as
with

aggregated as (

    select
        session_key,
        any_value(visitor_number) as visitor_number,
        arg_max(person_number, place) as person_number,
        -- of rows without a URL these two keep silent
        arg_min(url_number, place) as entry_url_number,
        arg_max(url_number, place) as exit_url_number,
        arg_min(event_row, place) filter (where url_number is not null) as entry_row,
        min(bot_name) as bot_name,
        count(*) as event_count,
        count(*) filter (where is_page_view) as page_view_count,
        bool_or(is_conversion) as has_conversion,
        bool_and(is_bot) as is_bot,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from placed
    where session_key is not null
    group by session_key

)

select
    aggregated.*,
    md5(first_events.visitor_md5 || first_events.event_id) as session_id,
    first_events.is_shared,
    row_number() over (
        partition by aggregated.visitor_number order by aggregated.session_key
    ) as session_number
from placed as first_events
inner join aggregated on first_events.session_key = aggregated.session_key
where first_events.is_start;

-- Where sessions came from: each distinct URL and referrer is read once.
create temp table entries as
select
    sessions.session_key,
    sessions.entry_url_number,
    nullif(trim(events.page_referrer), '') as referrer_url
from warehouse.raw.events as events
inner join sessions on events.rowid = sessions.entry_row;

create temp table referrers as
with

hosts as (

    select
        referrer_url,
        nullif(regexp_extract(
            lower(referrer_url),
            '^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)', 1
        ), '') as referrer_domain
    from (select distinct referrer_url from entries) as distinct_referrers
    where referrer_url is not null

),

categories as (

    select
        hosts.referrer_url,
        arg_max(source_hosts.category, length(source_hosts.host)) as category
    from hosts
    inner join warehouse.seeds.source_hosts as source_hosts
        on is_below(hosts.referrer_domain, source_hosts.host)
    group by hosts.referrer_url

)

select
    hosts.referrer_url,
    hosts.referrer_domain,
    categories.category,
    exists(
        select 1
        from warehouse.raw.site_domains as site_domains
        where is_below(hosts.referrer_domain, site_domains.site_domain)
    ) as is_own_site
from hosts
left join categories on hosts.referrer_url = categories.referrer_url;

create temp table entry_urls as
with

entered as (

    select
        urls.url_number,
        urls.page_url,
        regexp_extract(
            lower(urls.page_url),
            '^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)', 1
        ) as host
    from urls
    where urls.url_number in (select entries.entry_url_number from entries)

),

pairs as (

    select
        url_number,
        unnest(string_split(query, '&')) as part,
        generate_subscripts(string_split(query, '&'), 1) as position
    from (
        select
            url_number,
            regexp_extract(page_url, '^[^?#]*\?([^#]*)', 1) as query
        from entered
        where page_url like '%?%'
    ) as queries

),

parameters as (

    select
        url_number,
        position,
        lower(split_part(part, '=', 1)) as parameter,
        replace(regexp_extract(part, '=(.*)$', 1), '+', ' ') as written,
        nullif(trim(
            if(
                contains(written, '%'),
                coalesce(try(url_decode(written)), written),
                written
            )
        ), '') as value
    from pairs
    where part like '%=%'

),

campaigns as (

    select
        url_number,
        lower(
            arg_min(value, position) filter (where parameter = 'utm_source')
        ) as utm_source,
        lower(
            arg_min(value, position) filter (where parameter = 'utm_medium')
        ) as utm_medium,
        arg_min(value, position) filter (where parameter = 'utm_campaign')
            as utm_campaign,
        arg_min(value, position) filter (where parameter = 'utm_term') as utm_term,
        arg_min(value, position) filter (where parameter = 'utm_content')
            as utm_content
    from parameters
    where value is not null
    group by url_number

),

clicks as (

    select
        parameters.url_number,
        parameters.parameter as click_id_type,
        parameters.value as click_id,
        click_ids.category as click_category,
        click_ids.implies_paid
    from parameters
    inner join warehouse.seeds.click_ids as click_ids
        on parameters.parameter = click_ids.parameter
    where parameters.value is not null
    qualify row_number() over (
        partition by parameters.url_number
        order by click_ids.priority, parameters.position
    ) = 1

)

select
    entered.url_number,
    entered.host,
    campaigns.* exclude (url_number),
    clicks.* exclude (url_number)
from entered
left join campaigns on entered.url_number = campaigns.url_number
left join clicks on entered.url_number = clicks.url_number;

-- A channel is decided once for each pair of an entry URL and a referrer.
create temp table arrivals as
with

distinct_arrivals as (

    select distinct
        entry_url_number,
        referrer_url
    from entries

),

sources as (

    select
        source_name,
        min(category) as category
    from warehouse.seeds.source_hosts
    group by source_name

),

entry_signals as (

    select
        distinct_arrivals.entry_url_number,
        distinct_arrivals.referrer_url,
        referrers.referrer_domain,
        referrers.category as referrer_category,
        entry_urls.* exclude (url_number, host, implies_paid),
        coalesce(entry_urls.implies_paid, false) as click_implies_paid,
        coalesce(named_hosts.category, sources.category) as utm_category,
        coalesce(entry_urls.utm_medium, '') as medium,
        lower(coalesce(entry_urls.utm_campaign, '')) as campaign,
        coalesce(
            not referrers.is_own_site and referrers.referrer_domain != entry_urls.host,
            false
        ) as has_referrer
    from distinct_arrivals
    inner join entry_urls on distinct_arrivals.entry_url_number = entry_urls.url_number
    left join referrers on distinct_arrivals.referrer_url = referrers.referrer_url
    left join sources on entry_urls.utm_source = sources.source_name
    left join warehouse.seeds.source_hosts as named_hosts
        on entry_urls.utm_source = named_hosts.host

),

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
        is_paid_click or regexp_matches(medium, '^(.*cp.*|ppc|retargeting|paid.*)$')
            as is_paid,
        regexp_matches(campaign, '(^|[^a-df-z])shop|shopping')
            as is_shopping_campaign,
        (
            has_referrer
            and utm_source is null
            and utm_medium is null
            and click_id_type is null
        ) as is_referred
    from entry_signals

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
    from signals

)

select
    *,
    if(
        channel = 'Direct',
        'no source',
        concat_ws(
            ', ',
            coalesce(source, 'utm_campaign ' || utm_campaign),
            'utm_medium ' || utm_medium,
            if(is_paid_click, 'a paid click', null)
        )
    ) as channel_rule
from grouped;
