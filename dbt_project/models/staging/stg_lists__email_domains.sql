-- What the lists say of a mail domain; the project's own seed overrules them, for the
-- domain and all below it, and a domain on both lists is disposable before it is free.
-- A dot at the end makes no other domain.
with

email_domains as (

    select
        *,
        {{ replaced_everywhere('email_domain', "'[.]+$'", "''") }} as bare_domain
    from {{ source('raw', 'email_domains') }}

),

site_domains as (

    select * from {{ source('raw', 'site_domains') }}

),

email_domain_overrides as (

    select * from {{ ref('email_domain_overrides') }}

),

internal as (

    select distinct email_domains.email_domain
    from email_domains
    inner join site_domains
        on {{ is_host_below('email_domains.bare_domain', 'site_domains.site_domain') }}

),

overrides as (

    select
        email_domains.email_domain,
        max_by(
            email_domain_overrides.email_class,
            length(email_domain_overrides.email_domain)
        ) as email_class
    from email_domains
    inner join email_domain_overrides
        on {{ is_host_below(
            'email_domains.bare_domain', 'email_domain_overrides.email_domain'
        ) }}
    group by email_domains.email_domain

)

select
    email_domains.email_domain,
    email_domains.registrable_domain,
    case
        when internal.email_domain is not null then 'internal'
        when overrides.email_class is not null then overrides.email_class
        when email_domains.is_disposable then 'disposable'
        when email_domains.is_free then 'free'
        else 'business'
    end as email_class
from email_domains
left join internal on email_domains.email_domain = internal.email_domain
left join overrides on email_domains.email_domain = overrides.email_domain
