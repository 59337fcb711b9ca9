{# Yes and no as forms and CRMs write them; null for anything else. #}
{% macro yes_or_no(text) -%}
    case
        when lower(trim({{ text }})) in ('true', 'yes', 'y', '1', 'on') then true
        when lower(trim({{ text }})) in ('false', 'no', 'n', '0', 'off') then false
    end
{%- endmacro %}


{# The addresses that an export leaves out, by the flags of whoever is behind them. #}
{% macro addresses_left_out_of(export_name) -%}
    select distinct people.primary_email as email
    from {{ ref('fct_person_flags') }} as flags
    inner join {{ ref('flag_suppressions') }} as suppressions
        on flags.flag = suppressions.flag
    inner join {{ ref('dim_people') }} as people on flags.person_id = people.person_id
    where
        suppressions.export_name = {{ sql_text(export_name) }}
        and people.primary_email is not null
{%- endmacro %}


{#
What the lists say against the domains of those in `relation`, as import CTEs: of the listed domains
that one lies below, the longest decides. A dot at the end makes no other domain.
#}
{% macro flags_of_domains_ctes(relation) -%}
    flagged_domains as (

        select * from {{ ref('flagged_domains') }}

    ),

    email_domains as (

        select distinct
            email_domain,
            {{ replaced_everywhere('email_domain', "'[.]+$'", "''") }} as bare_domain
        from {{ relation }}
        where email_domain is not null

    ),

    domain_flags as (

        select
            email_domains.email_domain,
            max_by(flagged_domains.flag, length(flagged_domains.email_domain)) as flag,
            max_by(flagged_domains.reason, length(flagged_domains.email_domain)) as reason
        from email_domains
        inner join flagged_domains
            on {{ is_host_below(
                'email_domains.bare_domain', 'flagged_domains.email_domain'
            ) }}
        group by email_domains.email_domain

    ),
{%- endmacro %}
