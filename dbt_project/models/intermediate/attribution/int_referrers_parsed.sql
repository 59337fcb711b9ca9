-- One row a distinct referrer: its host, whether it is the site's own, and what kind of
-- source it is. A host belongs to a source by whole labels: the longest one listed
-- decides.
with

referrers as (

    select distinct referrer_url
    from {{ ref('int_entries_parsed') }}
    where referrer_url is not null

),

site_domains as (

    select * from {{ ref('stg_run__site_domains') }}

),

source_hosts as (

    select * from {{ ref('source_hosts') }}

),

hosts as (

    select
        referrer_url,
        nullif({{ url_host('referrer_url') }}, '') as referrer_domain
    from referrers

),

own as (

    select distinct hosts.referrer_url
    from hosts
    inner join site_domains
        on {{ is_host_below('hosts.referrer_domain', 'site_domains.site_domain') }}

),

categories as (

    select
        hosts.referrer_url,
        max_by(source_hosts.source_name, length(source_hosts.host)) as source_name,
        max_by(source_hosts.category, length(source_hosts.host)) as category
    from hosts
    inner join source_hosts
        on {{ is_host_below('hosts.referrer_domain', 'source_hosts.host') }}
    group by hosts.referrer_url

)

select
    hosts.referrer_url,
    hosts.referrer_domain,
    categories.source_name,
    categories.category,
    own.referrer_url is not null as is_own_site
from hosts
left join own on hosts.referrer_url = own.referrer_url
left join categories on hosts.referrer_url = categories.referrer_url
