-- One row an event, narrow, with its session and its slice. The slice says whose it is
-- (int_slices_owned), so a promotion or a merge changes a row there and none here.
with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

slices as (

    select * from {{ ref('int_slices_cut') }}

),

-- most devices have one slice, which holds whatever happens on them
only_slices as (

    select
        visitor_id,
        min(slice_id) as slice_id
    from slices
    group by visitor_id
    having count(*) = 1

),

shared_devices as (

    select distinct visitor_id
    from slices
    where slice_number > 1

),

shared_timeline as (

    select
        events.visitor_id,
        events.event_id,
        events.event_at,
        1 as slice_number,
        true as is_event
    from events
    inner join shared_devices on events.visitor_id = shared_devices.visitor_id
    where not events.is_address_visitor
    union all
    select
        visitor_id,
        naming_event_id as event_id,
        named_at as event_at,
        slice_number,
        false as is_event
    from slices
    where visitor_id in (select shared_devices.visitor_id from shared_devices)

),

shared_events as (

    select
        visitor_id,
        event_id,
        is_event,
        -- slices are numbered in time; of one moment the start sorts before the event
        max(slice_number) over (
            partition by visitor_id order by event_at, event_id, is_event
            rows between unbounded preceding and current row
        ) as slice_number
    from shared_timeline

),

shared_slices as (

    select
        shared_events.event_id,
        slices.slice_id
    from shared_events
    inner join slices
        on
            shared_events.visitor_id = slices.visitor_id
            and shared_events.slice_number = slices.slice_number
    where shared_events.is_event

)

select
    events.event_id,
    events.event_type,
    events.event_name,
    events.visitor_id,
    events.anonymous_id,
    events.user_id,
    events.email,
    events.owner_node_id,
    events.session_id,
    events.page_class,
    events.bot_name,
    events.session_number,
    events.visitor_position,
    events.is_address_visitor,
    events.is_consent_denied,
    events.is_bot,
    events.is_internal,
    events.is_conversion,
    events.event_at,
    cast(events.event_at as date) as event_date,
    case
        when events.visitor_id is null then null
        -- several people at one address: each event for itself
        when events.is_address_visitor
            then {{ stretch_id(
                'events.visitor_id', "coalesce(events.owner_node_id, '')"
            ) }}
        else coalesce(
            shared_slices.slice_id,
            only_slices.slice_id,
            md5('unnamed ' || events.visitor_id)
        )
    end as slice_id
from events
left join only_slices on events.visitor_id = only_slices.visitor_id
left join shared_slices on events.event_id = shared_slices.event_id
