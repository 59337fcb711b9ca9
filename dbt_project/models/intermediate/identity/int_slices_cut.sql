-- One row a slice of a device's timeline: it starts at the event that names another
-- node than the one before. The first slice reaches back without end (the anonymous
-- history is promoted), so its start is null; the last one has no end.
with

namings as (

    select * from {{ ref('int_namings_found') }}

),

changes as (

    select
        *,
        lag(owner_node_id) over (
            partition by visitor_id order by event_at, event_id
        ) as previous_node_id
    from namings

),

starts as (

    select
        *,
        row_number() over device_timeline as slice_number,
        lead(event_at) over device_timeline as next_event_at,
        lead(event_id) over device_timeline as next_event_id
    from changes
    where
        previous_node_id is null
        or previous_node_id != owner_node_id
    window device_timeline as (partition by visitor_id order by event_at, event_id)

)

select
    visitor_id,
    owner_node_id,
    event_id as naming_event_id,
    next_event_id as to_event_id,
    slice_number,
    event_at as named_at,
    next_event_at as to_at,
    {{ stretch_id('visitor_id', 'event_id') }} as slice_id,
    case when slice_number > 1 then event_at end as from_at
from starts
