-- One row an event that counts: it has a person and a rule, comes from no internal
-- network, and is no bot's, neither by its agent nor by what its visitor does.
with

events as (

    select * from {{ ref('int_events_placed') }}
    where
        slice_id is not null
        and not is_bot
        and not is_internal
        and visitor_id not in (
            select flagged.visitor_id from {{ ref('int_visitors_flagged') }} as flagged
        )

),

rules as (

    select * from {{ ref('int_rules_matched') }}

)

select
    events.event_id,
    events.slice_id,
    rules.rule_id,
    events.event_at,
    events.event_date
from events
inner join rules
    on
        events.event_type = rules.event_type
        and events.event_name is not distinct from rules.event_name
        and events.page_class is not distinct from rules.page_class
