-- A returned row is an event on a shared device that lies before its slice begins or
-- after the next one has begun, by time and, within one moment, by id.
{{ config(tags=['whole_history']) }}

with

slices as (

    select
        slice_id,
        slice_number,
        naming_event_id,
        from_at,
        to_event_id,
        to_at
    from {{ ref('int_slices_cut') }}
    where
        not is_gone
        and (from_at is not null or to_at is not null)

)

select
    events.event_id,
    events.event_at,
    slices.slice_id,
    slices.slice_number
from {{ ref('int_events_placed') }} as events
inner join slices on events.slice_id = slices.slice_id
where
    not events.is_gone
    and (
        events.event_at < slices.from_at
        or (
            events.event_at = slices.from_at
            and events.event_id < slices.naming_event_id
        )
        or events.event_at > slices.to_at
        or (events.event_at = slices.to_at and events.event_id >= slices.to_event_id)
    )
