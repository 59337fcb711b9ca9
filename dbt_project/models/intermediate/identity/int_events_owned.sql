-- One row an event, whole: what the log said, and what was made of it. A view: only
-- fct_events reads it.
{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('stg_web__events') }}

),

placed as (

    select * from {{ ref('int_events_placed') }}

),

slices as (

    select
        slice_id,
        person_id
    from {{ ref('int_slices_owned') }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}

)

select
    placed.event_id,
    placed.event_type,
    placed.event_name,
    placed.visitor_id,
    placed.anonymous_id,
    placed.user_id,
    placed.email,
    placed.session_id,
    slices.person_id,
    events.page_url,
    events.page_title,
    events.page_referrer,
    placed.page_class,
    placed.bot_name,
    events.source,
    placed.is_bot,
    placed.is_consent_denied,
    placed.event_at,
    events.received_at,
    coalesce(
        flagged.traffic_flag, case when placed.is_internal then 'internal' end
    ) as traffic_flag,
    coalesce(
        flagged.traffic_rule, case when placed.is_internal then 'internal_network' end
    ) as traffic_rule
from placed
inner join events on placed.event_id = events.event_id
left join slices on placed.slice_id = slices.slice_id
left join flagged on placed.visitor_id = flagged.visitor_id
