-- One row a session and person: two people can be in one session, on a shared device.
with

events as (

    select * from {{ ref('int_events_placed') }}
    where session_id is not null

),

slices as (

    select
        slice_id,
        person_id
    from {{ ref('int_slices_owned') }}

)

select
    events.session_id,
    slices.person_id,
    count(*) as event_count,
    min(events.event_at) as first_event_at,
    max(events.event_at) as last_event_at
from events
inner join slices on events.slice_id = slices.slice_id
group by events.session_id, slices.person_id
