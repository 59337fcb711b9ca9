-- One row an event, in the log's own words: what the narrow tables leave out.
{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('stg_web__events') }}

)

select
    event_id,
    page_url,
    page_title,
    page_referrer,
    source,
    event_at,
    received_at
from events
