-- Where sessions came from: each distinct URL, referrer and source is read once.
create temp table entries as
select
    sessions.session_key,
    sessions.entry_url_number,
    nullif(trim(events.page_referrer), '') as referrer_url
from warehouse.raw.events as events
inner join sessions on events.rowid = sessions.entry_row;

create temp macro host_of(url) as
regexp_extract(
    regexp_replace(
        regexp_extract(lower(url), '^\s*(?:[a-z][a-z0-9+.-]*:)?//([^/?#\\]*)', 1),
        '^[\s\S]*@', ''
    ), '^(?:www\.)?(\[[^\]]*\]|[^:\s]*[^:\s.])', 1
);

create temp macro decoded(written) as
trim(regexp_replace(
    if(
        contains(written, '%'),
        coalesce(
            try(url_decode(replace(written, '+', ' '))), replace(written, '+', ' ')
        ),
        replace(written, '+', ' ')
    ), '[\s\pZ\p{Cc}]+', ' ', 'g'
));

create temp table referrers as
select
    referrer_url,
    nullif(host_of(referrer_url), '') as referrer_domain
from (select distinct referrer_url from entries) as distinct_referrers
where referrer_url is not null;

create temp table entry_urls as
with

entered as (

    select
        url_number,
        page_url,
        host_of(page_url) as host
    from urls
    where url_number in (select entries.entry_url_number from entries)

),

pairs as (

    select
        url_number,
        unnest(string_split(query, '&')) as part,
        generate_subscripts(string_split(query, '&'), 1) as place
    from (
        select
            url_number,
            replace(
                concat(
                    regexp_extract(page_url, '^[^?#]*\?([^#]*)', 1), '&',
                    regexp_extract(page_url, '#([^?]*)', 1), '&',
                    regexp_extract(page_url, '#[^?]*\?([\s\S]*)', 1)
                ), '&amp;', '&'
            ) as query
        from entered
        where contains(page_url, '=')
    ) as queries

),

parameters as (

    select
        url_number,
        place,
        lower(decoded(split_part(part, '=', 1))) as parameter,
        nullif(decoded(substring(part, instr(part, '=') + 1)), '') as value
    from pairs
    where contains(part, '=')

),

campaigns as (

    select
        url_number,
        lower(
            arg_min(value, place) filter (where parameter = 'utm_source')
        ) as utm_source,
        lower(
            arg_min(value, place) filter (where parameter = 'utm_medium')
        ) as utm_medium,
        arg_min(value, place) filter (where parameter = 'utm_campaign')
            as utm_campaign,
        arg_min(value, place) filter (where parameter = 'utm_term') as utm_term,
        arg_min(value, place) filter (where parameter = 'utm_content')
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
        click_ids.network as click_network,
        click_ids.category as click_category,
        if(
            click_ids.implies_paid, categories.paid_medium, categories.organic_medium
        ) as click_medium
    from parameters
    inner join warehouse.seeds.click_ids as click_ids
        on parameters.parameter = click_ids.parameter
    inner join warehouse.seeds.source_categories as categories
        on click_ids.category = categories.category
    where parameters.value is not null
    qualify row_number() over (
        partition by parameters.url_number
        order by click_ids.priority, parameters.place
    ) = 1

)

select
    entered.url_number,
    entered.host,
    entered.page_url,
    campaigns.* exclude (url_number),
    clicks.* exclude (url_number)
from entered
left join campaigns on entered.url_number = campaigns.url_number
left join clicks on entered.url_number = clicks.url_number;

-- What a host, or the name of a campaign's source, is known as.
create temp table known_sources as
with recursive

asked as (

    select distinct referrer_domain as source from referrers
    union
    select distinct utm_source as source from entry_urls

),

domains (source, domain_name) as (

    select
        source,
        regexp_replace(source, '^www\.', '') as domain_name
    from asked
    where length(source) <= 253
    union all
    select
        source,
        substring(domain_name, instr(domain_name, '.') + 1) as domain_name
    from domains
    where contains(domain_name, '.')

),

listed as (

    select
        host as listed_host,
        category,
        cast(null as varchar) as kind
    from warehouse.seeds.source_hosts
    union all
    select
        host as listed_host,
        cast(null as varchar) as category,
        kind
    from warehouse.seeds.no_source_hosts

)

select
    domains.source,
    arg_max(struct_pack(kind := listed.kind, category := listed.category), length(
        listed.listed_host
    )) as known
from domains
inner join listed on domains.domain_name = listed.listed_host
group by domains.source;

create temp table named_sources as
select
    source_name as known_as,
    min(category) as category
from warehouse.seeds.source_hosts
group by source_name
union all
select
    aliases.alias as known_as,
    min(source_hosts.category) as category
from warehouse.seeds.source_aliases as aliases
inner join warehouse.seeds.source_hosts as source_hosts
    on aliases.source_name = source_hosts.source_name
group by aliases.alias;

-- A channel is decided once for each pair of an entry URL and a referrer.
create temp table arrivals as
with

distinct_arrivals as (

    select distinct
        entry_url_number,
        referrer_url
    from entries

),

parsed as (

    select
        distinct_arrivals.entry_url_number,
        distinct_arrivals.referrer_url,
        referrers.referrer_domain,
        entry_urls.* exclude (url_number, host, page_url),
        coalesce(named.known.category, named_sources.category) as utm_category,
        referring.known.category as referrer_category,
        case
            when
                referrers.referrer_domain = entry_urls.host
                or exists (
                    select 1
                    from warehouse.raw.site_domains as site_domains
                    where is_below(referrers.referrer_domain, site_domains.site_domain)
                )
                then 'own_site'
            else referring.known.kind
        end as no_source_kind
    from distinct_arrivals
    inner join entry_urls on distinct_arrivals.entry_url_number = entry_urls.url_number
    left join referrers on distinct_arrivals.referrer_url = referrers.referrer_url
    left join known_sources as named on entry_urls.utm_source = named.source
    left join named_sources on entry_urls.utm_source = named_sources.known_as
    left join known_sources as referring
        on referrers.referrer_domain = referring.source

),

spoken as (

    select
        *,
        case
            when utm_source is not null then 'campaign'
            when click_id_type is not null then 'click'
            when referrer_domain is not null and no_source_kind is null
                then 'referrer'
            when utm_medium is null and utm_campaign is null
                then 'nothing'
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
            when speaker = 'nothing' then '(none)'
            when speaker = 'tags' then '(not set)'
            when category = 'search' then 'organic'
            when category = 'mail' then 'email'
            when category = 'ai_assistant' then 'ai-assistant'
            when category = 'affiliate' then 'affiliate'
            else 'referral'
        end as medium,
        lower(coalesce(utm_campaign, '(not set)')) as campaign,
        regexp_matches(medium, '^(.*cp.*|ppc|retargeting|paid.*)$') as is_paid,
        regexp_matches(campaign, '(^|[^a-df-z])shop|shopping') as is_shopping
    from spoken

),

-- the first rule that holds, and the channel that it stands for
ruled as (

    select
        *,
        case
            when source = '(direct)' and medium in ('(none)', '(not set)')
                then ['direct', 'Direct']
            when contains(campaign, 'cross-network')
                then ['cross_network', 'Cross-network']
            when is_paid and category = 'shopping'
                then ['paid_shopping_source', 'Paid Shopping']
            when is_paid and is_shopping
                then ['paid_shopping_campaign', 'Paid Shopping']
            when is_paid and category = 'search' then ['paid_search', 'Paid Search']
            when is_paid and category = 'social' then ['paid_social', 'Paid Social']
            when is_paid and category = 'video' then ['paid_video', 'Paid Video']
            when medium in ('display', 'banner', 'expandable', 'interstitial', 'cpm')
                then ['display', 'Display']
            when is_paid then ['paid_other', 'Paid Other']
            when category = 'shopping'
                then ['organic_shopping_source', 'Organic Shopping']
            when is_shopping then ['organic_shopping_campaign', 'Organic Shopping']
            when category = 'social' then ['organic_social_source', 'Organic Social']
            when
                medium in (
                    'social', 'social-network', 'social-media', 'sm', 'social network',
                    'social media'
                )
                then ['organic_social_medium', 'Organic Social']
            when category = 'video' then ['organic_video_source', 'Organic Video']
            when contains(medium, 'video')
                then ['organic_video_medium', 'Organic Video']
            when category = 'search' then ['organic_search_source', 'Organic Search']
            when medium = 'organic' then ['organic_search_medium', 'Organic Search']
            when category = 'ai_assistant'
                then ['ai_assistant_source', 'AI Assistant']
            when medium = 'ai-assistant' then ['ai_assistant_medium', 'AI Assistant']
            when medium in ('referral', 'app', 'link') then ['referral', 'Referral']
            when source in ('email', 'e-mail', 'e_mail', 'e mail')
                then ['email_source', 'Email']
            when medium in ('email', 'e-mail', 'e_mail', 'e mail')
                then ['email_medium', 'Email']
            when category = 'mail' then ['email_webmail', 'Email']
            when medium = 'affiliate' then ['affiliates', 'Affiliates']
            when medium = 'audio' then ['audio', 'Audio']
            when source = 'sms' then ['sms_source', 'SMS']
            when medium = 'sms' then ['sms_medium', 'SMS']
            when regexp_matches(medium, 'push$|mobile|notification')
                then ['mobile_push_medium', 'Mobile Push']
            when source = 'firebase' then ['mobile_push_source', 'Mobile Push']
            else ['no_rule', 'Unassigned']
        end as decision
    from signals

)

select
    * exclude (decision),
    decision[2] as channel,
    decision[1] || ': ' || concat_ws(
        ', ',
        case
            when speaker = 'campaign' then 'utm_source ' || utm_source
            when speaker = 'click' then click_id_type
            when speaker = 'referrer' then 'referrer ' || referrer_domain
            when speaker = 'tags' then 'no source'
            when no_source_kind is not null
                then format(
                    'referrer {} is no source ({})', referrer_domain, no_source_kind
                )
            else 'no referrer'
        end,
        case
            when utm_medium is not null then 'utm_medium ' || utm_medium
            when speaker = 'campaign' and click_medium is not null then click_id_type
        end,
        'utm_campaign ' || utm_campaign
    ) as channel_rule
from ruled;
