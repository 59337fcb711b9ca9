-- One row a distinct URL that sessions entered by: its host, its campaign and click id.
-- Of a repeated parameter the first with a value counts.
-- A URL once read stays.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='url_id'
    )
}}

with

urls as (

    select distinct
        entry_page_url as url,
        {{ hash_number('entry_page_url') }} as url_id
    from {{ ref('int_entries_parsed') }}
    {%- if is_update() %}
    where
        load_id > {{ mark_of(this) }}
        and {{ hash_number('entry_page_url') }} not in (
            select earlier.url_id from {{ this }} as earlier
        )
    {%- endif %}

),

click_ids as (

    select * from {{ ref('click_ids') }}

),

queries as (

    select
        url,
        {{ url_parameters('url') }} as query
    from urls
    where url like '%=%'

),

pairs as (

    select
        url,
        {{ numbered_parts('query', "'&'") }}
    from queries

),

written as (

    select
        url,
        part_position,
        lower({{ decoded_parameter("split_part(part, '=', 1)") }}) as parameter,
        substring(part, instr(part, '=') + 1) as written_value
    from pairs
    where part like '%=%'

),

wanted as (

    select written.*
    from written
    left join click_ids on written.parameter = click_ids.parameter
    where written.parameter like 'utm_%' or click_ids.parameter is not null

),

parameters as (

    select
        url,
        part_position,
        parameter,
        nullif({{ decoded_parameter('written_value') }}, '') as value
    from wanted

),

campaigns as (

    select
        url,
        lower(min_by(value, part_position) filter (
            where parameter = 'utm_source'
        )) as utm_source,
        lower(min_by(value, part_position) filter (
            where parameter = 'utm_medium'
        )) as utm_medium,
        min_by(value, part_position) filter (
            where parameter = 'utm_campaign'
        ) as utm_campaign,
        min_by(value, part_position) filter (
            where parameter = 'utm_term'
        ) as utm_term,
        min_by(value, part_position) filter (
            where parameter = 'utm_content'
        ) as utm_content
    from parameters
    where value is not null
    group by url

),

clicks as (

    select
        parameters.url,
        parameters.parameter as click_id_type,
        parameters.value as click_id,
        click_ids.network as click_network,
        click_ids.category as click_category,
        click_ids.implies_paid as click_implies_paid
    from parameters
    inner join click_ids on parameters.parameter = click_ids.parameter
    where parameters.value is not null
    qualify row_number() over (
        partition by parameters.url
        order by click_ids.priority, parameters.part_position
    ) = 1

)

select
    urls.url_id,
    urls.url,
    campaigns.utm_source,
    campaigns.utm_medium,
    campaigns.utm_campaign,
    campaigns.utm_term,
    campaigns.utm_content,
    clicks.click_id_type,
    clicks.click_id,
    clicks.click_network,
    clicks.click_category,
    clicks.click_implies_paid,
    nullif({{ url_host('urls.url') }}, '') as url_host
from urls
left join campaigns on urls.url = campaigns.url
left join clicks on urls.url = clicks.url
