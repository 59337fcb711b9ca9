-- One row a session that saw a page: where it came from.
{{ config(materialized='view') }}

with

entries as (

    select * from {{ ref('int_entries_parsed') }}

),

arrivals as (

    select * from {{ ref('int_arrivals_channelled') }}

)

select
    entries.session_id,
    entries.entry_page_url,
    entries.exit_page_url,
    entries.referrer_url,
    arrivals.referrer_domain,
    arrivals.utm_source,
    arrivals.utm_medium,
    arrivals.utm_campaign,
    arrivals.utm_term,
    arrivals.utm_content,
    arrivals.click_id_type,
    arrivals.click_id,
    arrivals.source,
    arrivals.medium,
    arrivals.campaign,
    arrivals.channel,
    arrivals.channel_rule
from entries
inner join arrivals on entries.arrival_id = arrivals.arrival_id
