-- One row a referrer whose host is listed as a sender of spam, by whole labels. Few, so
-- that the events are held against them and not against the list of hosts.
with

events as (

    select * from {{ ref('stg_web__events') }}

),

spam_referrers as (

    select * from {{ ref('spam_referrers') }}

),

referrers as (

    select distinct page_referrer
    from events
    where page_referrer is not null

),

hosts as (

    select
        page_referrer,
        {{ url_host('page_referrer') }} as referrer_host
    from referrers

),

distinct_hosts as (

    select distinct referrer_host
    from hosts

),

spam_hosts as (

    select distinct distinct_hosts.referrer_host
    from distinct_hosts
    inner join spam_referrers
        on {{ is_host_below('distinct_hosts.referrer_host', 'spam_referrers.host') }}

)

select hosts.page_referrer
from hosts
inner join spam_hosts on hosts.referrer_host = spam_hosts.referrer_host
