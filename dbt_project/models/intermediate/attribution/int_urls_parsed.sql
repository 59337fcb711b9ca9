-- One row a distinct URL that sessions entered by and that has a query: its campaign
-- and click id. Of a repeated parameter the first counts.
with

urls as (

    select distinct entry_page_url as url
    from {{ ref('int_entries_parsed') }}
    where entry_page_url like '%?%'

),

click_ids as (

    select * from {{ ref('click_ids') }}

),

queries as (

    select
        url,
        regexp_extract(url, '^[^?#]*\?([^#]*)', 1) as query
    from urls

),

pairs as (

    select
        url,
        {{ numbered_parts('query', "'&'") }}
    from queries

),

parameters as (

    select
        url,
        part_position,
        lower(split_part(part, '=', 1)) as parameter,
        nullif(
            trim({{ percent_decoded(
                "replace(regexp_extract(part, '=(.*)$', 1), '+', ' ')"
            ) }}), ''
        ) as value
    from pairs
    where part like '%=%'

),

campaigns as (

    select
        url,
        min_by(value, part_position) filter (
            where parameter = 'utm_source'
        ) as utm_source,
        min_by(value, part_position) filter (
            where parameter = 'utm_medium'
        ) as utm_medium,
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
    campaigns.url,
    campaigns.utm_campaign,
    campaigns.utm_term,
    campaigns.utm_content,
    clicks.click_id_type,
    clicks.click_id,
    clicks.click_network,
    clicks.click_category,
    clicks.click_implies_paid,
    lower(campaigns.utm_source) as utm_source,
    lower(campaigns.utm_medium) as utm_medium
from campaigns
left join clicks on campaigns.url = clicks.url
