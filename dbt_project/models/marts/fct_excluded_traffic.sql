-- One row a UTC day, reason and rule: the traffic that no score counts. An event stands
-- under one reason, the first that holds; a visitor or person who gave several reasons
-- is counted under each.
with

events as (

    select * from {{ ref('fct_events') }}

),

excluded_people as (

    select
        person_id,
        exclusion_reason,
        exclusion_rule
    from {{ ref('dim_people') }}
    where exclusion_reason is not null

),

judged as (

    select
        events.visitor_id,
        events.session_id,
        events.person_id,
        cast(events.event_at as date) as event_date,
        case
            when events.is_consent_denied then 'consent_denied'
            when events.visitor_id is null then 'no_identifier'
            when events.is_bot then 'bot'
            when events.traffic_flag is not null then events.traffic_flag
            else excluded_people.exclusion_reason
        end as reason,
        case
            when events.visitor_id is null then 'none'
            when events.is_bot then 'agent'
            when events.traffic_flag is not null then events.traffic_rule
            else excluded_people.exclusion_rule
        end as traffic_rule
    from events
    left join excluded_people on events.person_id = excluded_people.person_id

)

select
    event_date,
    reason,
    traffic_rule,
    count(*) as event_count,
    count(distinct visitor_id) as visitor_count,
    count(distinct session_id) as session_count,
    count(distinct person_id) as person_count
from judged
where reason is not null
group by event_date, reason, traffic_rule
