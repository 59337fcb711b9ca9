{# What leaves for a CRM, and how its importer wants it; docs/crm.md says it with its reasons. #}

{#
Whether importers take the address: ASCII, no sign of a formula in front, no two dots in a row, and
no longer than the 80 characters that Salesforce has for it.
#}
{% macro is_address_for_crm(email) -%}
    length({{ email }}) <= 80
    and {{ matches(
        email,
        "'^[a-z0-9_][a-z0-9!#$%&''*/=?^_`{|}~+-]*(\.[a-z0-9!#$%&''*/=?^_`{|}~+-]+)*"
        ~ "@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$'"
    ) }}
{%- endmacro %}


{# Whether importers take the domain as that of a company. #}
{% macro is_domain_for_crm(domain) -%}
    length({{ domain }}) <= 255
    and {{ matches(
        domain, "'^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$'"
    ) }}
{%- endmacro %}


{# The last word of a name; all of it where it is one word. #}
{% macro last_name(full_name) -%}
    nullif(regexp_extract({{ full_name }}, '([^\s\pZ]+)[\s\pZ]*$', 1), '')
{%- endmacro %}


{# What stands before the last word of a name; null where it is one word. #}
{% macro first_name(full_name) -%}
    nullif(
        regexp_extract({{ full_name }}, '(?s)^[\s\pZ]*(.*[^\s\pZ])[\s\pZ]+[^\s\pZ]+[\s\pZ]*$', 1),
        ''
    )
{%- endmacro %}


{# The owner where it is an address, by which a CRM knows its users; null for any other text. #}
{% macro owner_address(owner) -%}
    {%- set address = "lower(trim(" ~ owner ~ "))" -%}
    case when {{ is_address_for_crm(address) }} then {{ address }} end
{%- endmacro %}


{#
The key of a row: the same for the same record in every export and after every rebuild, and another
one for each object of each system.
#}
{% macro idempotency_key(system, object, natural_key) -%}
    md5('{{ system }}:{{ object }}:' || {{ natural_key }})
{%- endmacro %}


{#
A hash of what a row says, its as-of date left out: two exports with the same one tell a CRM the
same. Each value stands behind its length, so that none can run into the next.
#}
{% macro row_fingerprint(columns) -%}
    md5(
    {%- for column in columns %}
        coalesce(
            cast(length(cast({{ column }} as varchar)) as varchar)
            || ':' || cast({{ column }} as varchar), '-'
        )
        {%- if not loop.last %} ||{% endif %}
    {%- endfor %}
    )
{%- endmacro %}


{#
The people who may leave for a CRM by the list `export_name`, one row an address, with everything
that any CRM gets of them: those of a company who score something, and those whom the CRM has
already, whatever their address. Nobody who is excluded, and nobody whom a flag keeps out.
#}
{% macro people_for_crm(export_name) -%}
    people as (

        select * from {{ ref('dim_people') }}
        where
            primary_email is not null
            and exclusion_reason is null
            and {{ is_address_for_crm('primary_email') }}
        qualify {{ is_seen_of_the_address() }}

    ),

    -- many share a name or an owner, and what is read of one holds for all as they are read
    listed as (

        select
            *,
            {{ first_name('full_name') }} as first_name,
            {{ last_name('full_name') }} as last_name,
            {{ owner_address('owner') }} as owner_email
        from {{ ref('sync_people') }}

    ),

    leads as (

        select * from {{ ref('dim_leads') }}

    ),

    left_out as (

        {{ addresses_left_out_of(export_name) | indent(4) }}

    ),

    -- a shared mailbox (info@) is known by its address alone
    known as (

        select people.primary_email as email
        from people
        inner join leads on people.person_id = leads.person_id
        union
        select email from leads

    ),

    leaving as (

        select
            listed.email,
            listed.job_title,
            listed.company_name,
            listed.account_domain,
            listed.intent_band,
            listed.why as reasons,
            listed.intent_score,
            listed.is_customer,
            listed.can_email,
            listed.as_of_date,
            listed.first_name,
            listed.last_name,
            listed.owner_email,
            coalesce(people.phone, leads.phone) as phone,
            cast(listed.last_seen_at as date) as last_seen_date
        from people
        inner join listed on people.primary_email = listed.email
        left join leads on people.primary_email = leads.email
        left join known on people.primary_email = known.email
        left join left_out on people.primary_email = left_out.email
        where
            left_out.email is null
            and (
                known.email is not null
                or (people.account_id is not null and people.intent_score > 0)
            )

    )
{%- endmacro %}


{#
The companies that may leave for a CRM by the list `export_name`: those of whom somebody scores whom
no flag keeps out, and those whom the CRM has already.
#}
{% macro companies_for_crm(export_name) -%}
    accounts as (

        select * from {{ ref('sync_accounts') }}
        where {{ is_domain_for_crm('domain') }}

    ),

    people as (

        select * from {{ ref('sync_people') }}

    ),

    leads as (

        select * from {{ ref('dim_leads') }}

    ),

    left_out as (

        {{ addresses_left_out_of(export_name) | indent(4) }}

    ),

    wanted as (

        select people.account_domain as domain
        from people
        left join left_out on people.email = left_out.email
        where
            left_out.email is null
            and people.why is not null
        union
        select account_domain from leads

    ),

    leaving as (

        select
            accounts.domain,
            accounts.company_name,
            accounts.account_band as intent_band,
            accounts.why as reasons,
            accounts.account_score as intent_score,
            accounts.people_count,
            accounts.active_people_14d,
            accounts.is_customer,
            accounts.as_of_date,
            {{ owner_address('accounts.owner') }} as owner_email,
            cast(accounts.last_seen_at as date) as last_seen_date
        from accounts
        inner join wanted on accounts.domain = wanted.domain

    )
{%- endmacro %}
