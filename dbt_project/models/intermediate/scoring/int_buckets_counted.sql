-- One row a slice, rule and UTC day: how many events counted, before any cap, and
-- which. Keyed by the slice and not by the person, so that a merge is the union of
-- buckets. What flagged visitors do is in here too: whether it counts is asked when a
-- person's days are counted.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['slice_id', 'event_date'],
        counted_from='int_events_placed'
    )
}}

with

{% if is_update() -%}
touched as (

    select distinct
        slice_id,
        event_date
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and slice_id is not null

),
{% endif %}

events as (

    select placed.*
    from {{ ref('int_events_placed') }} as placed
    {% if is_update() -%}
    inner join touched
        on
            placed.event_date = touched.event_date
            and placed.slice_id = touched.slice_id
    {% endif -%}
    where
        placed.slice_id is not null
        and not placed.is_gone
        and not placed.is_bot
        and not placed.is_internal

),

rules as (

    select * from {{ ref('int_rules_matched') }}

),

counted as (

    select
        events.slice_id,
        rules.rule_id,
        events.event_date,
        count(*) as event_count,
        {{ pairs_in_order(microseconds('events.event_at'), 'events.event_id') }}
            as timed_events
    from events
    inner join rules
        on
            events.event_type = rules.event_type
            and events.event_name is not distinct from rules.event_name
            and events.page_class is not distinct from rules.page_class
    group by
        events.slice_id,
        rules.rule_id,
        events.event_date

)

select
    counted.slice_id,
    counted.rule_id,
    counted.event_date,
    counted.event_count,
    {{ side_of('counted.timed_events', 'item') }} as event_ids,
    {{ side_of('counted.timed_events', 'time') }} as event_times
from counted
