-- One row a UTC day and the names that its events carry, user id and address together;
-- one row an event where they may link. A day is counted anew from its own events when
-- one of them comes or goes, so that nobody who asks for names reads all events.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_date',
        counted_from='int_events_prepared'
    )
}}

with

{% if is_update() -%}
touched as {{ computed_first() }} (

    select distinct event_date
    from {{ ref('int_events_prepared') }}
    where load_id > {{ mark_of(this) }}

),
{% endif %}

events as (

    select
        *,
        user_id is not null and event_type in ('identify', 'alias') as may_link
    from {{ ref('int_events_prepared') }}
    where
        not is_gone
        and owner_node_id is not null
        {%- if is_update() %}
        and event_date in (select touched.event_date from touched)
        {%- endif %}

),

named as (

    select
        event_date,
        user_id,
        email,
        event_at,
        case when may_link then event_id end as event_id,
        case when may_link then event_type end as link_type,
        case when may_link and event_type = 'alias' then previous_id end as previous_id
    from events

)

select
    event_date,
    user_id,
    email,
    event_id,
    link_type,
    previous_id,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from named
group by
    event_date,
    user_id,
    email,
    event_id,
    link_type,
    previous_id
