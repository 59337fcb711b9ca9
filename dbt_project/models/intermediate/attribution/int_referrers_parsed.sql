-- One row a distinct referrer, with its host. A referrer once read stays.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='referrer_url'
    )
}}

with

referrers as (

    select distinct referrer_url
    from {{ ref('int_entries_parsed') }}
    where
        referrer_url is not null
        {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
        {%- endif %}
    {% if is_update() -%}
    except
    select referrer_url
    from {{ this }}
    {%- endif %}

)

select
    referrer_url,
    nullif({{ url_host('referrer_url') }}, '') as referrer_domain
from referrers
