-- One row a distinct host that referred, and one a distinct source that a campaign
-- named, be it on a link or in a file of what ads cost: what it is known as, and what
-- kind of source. A host belongs to a listed one by whole labels, and the longest
-- listed one decides: notfacebook.com is not facebook.com, and mail.google.com is mail.
with recursive

referrers as (

    select * from {{ ref('int_referrers_parsed') }}

),

urls as (

    select * from {{ ref('int_urls_parsed') }}

),

spend as (

    select * from {{ ref('stg_ads__spend') }}

),

site_domains as (

    select * from {{ ref('stg_run__site_domains') }}

),

source_hosts as (

    select * from {{ ref('source_hosts') }}

),

no_source_hosts as (

    select * from {{ ref('no_source_hosts') }}

),

source_aliases as (

    select * from {{ ref('source_aliases') }}

),

sources as (

    select distinct
        referrer_domain as source,
        false as is_campaign
    from referrers
    where referrer_domain is not null
    union
    select distinct
        utm_source as source,
        true as is_campaign
    from urls
    where utm_source is not null
    union
    select distinct
        source,
        true as is_campaign
    from spend

),

-- the host itself and each domain above it; no host has more than 253 characters
domains (source, is_campaign, domain) as (

    select
        source,
        is_campaign,
        regexp_replace(source, '^www\.', '') as domain
    from sources
    where length(source) <= 253
    union all
    select
        source,
        is_campaign,
        substring(domain, instr(domain, '.') + 1) as domain
    from domains
    where instr(domain, '.') > 0

),

listed as (

    select
        host as listed_host,
        source_name,
        category,
        cast(null as varchar) as no_source_kind
    from source_hosts
    union all
    select
        host as listed_host,
        provider as source_name,
        cast(null as varchar) as category,
        kind as no_source_kind
    from no_source_hosts
    union all
    select
        site_domain as listed_host,
        cast(null as varchar) as source_name,
        cast(null as varchar) as category,
        'own_site' as no_source_kind
    from site_domains

),

known_hosts as (

    select
        domains.source,
        domains.is_campaign,
        listed.source_name,
        listed.category,
        listed.no_source_kind
    from domains
    inner join listed on domains.domain = listed.listed_host
    -- a tagged link names its source on purpose, be it a host of our own
    where
        not domains.is_campaign
        or coalesce(listed.no_source_kind != 'own_site', true)
    qualify row_number() over (
        partition by domains.source, domains.is_campaign
        order by
            coalesce(listed.no_source_kind = 'own_site', false) desc,
            length(listed.listed_host) desc
    ) = 1

),

names as (

    select
        source_name as known_as,
        source_name,
        min(category) as category
    from source_hosts
    group by source_name

),

known_names as (

    select
        known_as,
        source_name,
        category
    from names
    union all
    select
        source_aliases.alias as known_as,
        names.source_name,
        names.category
    from source_aliases
    inner join names on source_aliases.source_name = names.source_name

)

select
    sources.source,
    known_hosts.no_source_kind,
    sources.is_campaign,
    coalesce(known_hosts.source_name, known_names.source_name) as source_name,
    coalesce(known_hosts.category, known_names.category) as category
from sources
left join known_hosts
    on
        sources.source = known_hosts.source
        and sources.is_campaign = known_hosts.is_campaign
left join known_names
    on
        sources.source = known_names.known_as
        and sources.is_campaign
