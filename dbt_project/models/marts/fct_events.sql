-- One row an event, all of them: those without a name or with consent denied too.
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

rules as (

    select * from {{ ref('int_rules_matched') }}

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
    rules.rule_id,
    placed.bot_name,
    events.source,
    events.load_id,
    placed.is_bot,
    placed.is_consent_denied,
    placed.event_at,
    events.received_at
from placed
inner join events on placed.event_id = events.event_id
left join slices on placed.slice_id = slices.slice_id
left join rules
    on
        placed.event_type = rules.event_type
        and placed.event_name is not distinct from rules.event_name
        and placed.page_class is not distinct from rules.page_class
