-- One row a distinct referrer, with its host.
with

referrers as (

    select distinct referrer_url
    from {{ ref('int_entries_parsed') }}
    where referrer_url is not null

)

select
    referrer_url,
    nullif({{ url_host('referrer_url') }}, '') as referrer_domain
from referrers
