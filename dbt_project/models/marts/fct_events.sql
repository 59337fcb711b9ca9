-- One row an event, all of them: those without a name or with consent denied too.
with

events as (

    select * from {{ ref('int_events_owned') }}

),

rules as (

    select * from {{ ref('int_rules_matched') }}

)

select
    events.event_id,
    events.event_type,
    events.event_name,
    events.visitor_id,
    events.anonymous_id,
    events.user_id,
    events.email,
    events.session_id,
    events.person_id,
    events.page_url,
    events.page_title,
    events.page_referrer,
    events.page_class,
    rules.rule_id,
    events.bot_name,
    events.traffic_flag,
    events.traffic_rule,
    events.source,
    events.is_bot,
    events.is_consent_denied,
    events.event_at,
    events.received_at
from events
left join rules
    on
        events.event_type = rules.event_type
        and events.event_name is not distinct from rules.event_name
        and events.page_class is not distinct from rules.page_class
