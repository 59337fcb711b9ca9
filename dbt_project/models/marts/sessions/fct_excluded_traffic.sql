-- One row a UTC day, reason and rule: the traffic that no score counts. An event stands
-- under one reason, the first that holds; a visitor or person who gave several reasons
-- is counted under each. A day is counted again when one of its events changed, or is
-- of a person or a visitor who is judged otherwise now; and when one that stands here,
-- for whatever reason, changed hands: people are counted too.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_date',
        alive_column='reason',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
judged_otherwise as (

    select person_id from {{ ref('int_people_excluded') }}
    where load_id > {{ mark_of(this) }}

),

flagged_otherwise as (

    select visitor_id from {{ ref('int_visitors_flagged') }}
    where load_id > {{ mark_of(this) }}

),

flagged as (

    select visitor_id from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

{{ handed_over_cte() }}

touched_slices as {{ computed_first() }} (

    select slice_id
    from {{ ref('int_slices_owned') }}
    where
        load_id > {{ mark_of(this) }}
        and person_id in (
            select excluded.person_id from {{ ref('int_people_excluded') }} as excluded
        )
    union
    select slice_id
    from {{ ref('int_slices_owned') }}
    where person_id in (select judged_otherwise.person_id from judged_otherwise)
    union
    select slice_id
    from {{ ref('int_slices_owned') }}
    where visitor_id in (select flagged_otherwise.visitor_id from flagged_otherwise)
    union
    select slice_id
    from handed_over
    where visitor_id in (select flagged.visitor_id from flagged)

),

-- one look for both kinds of slices at all days
slice_days as (

    select
        slice_id,
        event_date,
        bot_event_count + internal_event_count > 0 as has_excluded
    from {{ ref('int_slice_days_counted') }}
    where
        slice_id in (
            select touched_slices.slice_id from touched_slices
            union
            select handed_over.slice_id from handed_over
        )

),

touched as (

    select event_date
    from {{ ref('int_events_placed') }}
    where load_id > {{ mark_of(this) }}
    union
    select event_date
    from slice_days
    where
        has_excluded
        or slice_id in (select touched_slices.slice_id from touched_slices)

),
{% endif %}

events as (

    select
        visitor_id,
        session_id,
        person_id,
        traffic_flag,
        traffic_rule,
        is_bot,
        is_consent_denied,
        cast(event_at as date) as event_date
    from {{ ref('fct_events') }}
    {%- if is_update() %}
    where
        cast(event_at as date) in (select touched.event_date from touched)
        and event_at >= (select min(touched.event_date) from touched)
    {%- endif %}

),

excluded_people as (

    select * from {{ ref('int_people_excluded') }}
    where not is_gone

),

judged as (

    select
        events.visitor_id,
        events.session_id,
        events.person_id,
        events.event_date,
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

),

counted as (

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

)
{% if is_update() %}
select
    touched.event_date,
    counted.reason,
    counted.traffic_rule,
    counted.event_count,
    counted.visitor_count,
    counted.session_count,
    counted.person_count
from touched
left join counted on touched.event_date = counted.event_date
{% else %}
select * from counted
{% endif %}
