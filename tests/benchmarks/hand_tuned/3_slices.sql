-- One row a change of the name on a device.
create temp table cuts as
with

tellings as (

    select
        visitor_number,
        event_id,
        event_at,
        owner_node_id
    from namings
    where not is_address_visitor
    union
    select
        visitors.visitor_number,
        namings.event_id,
        namings.event_at,
        namings.owner_node_id
    from namings
    inner join visitors on namings.previous_id = visitors.visitor_id
    where
        namings.event_type = 'alias'
        and not visitors.is_address_visitor

),

changes as (

    select *
    from tellings
    qualify
        owner_node_id is distinct from lag(owner_node_id) over (
            partition by visitor_number order by event_at, event_id
        )

),

starts as (

    select
        *,
        row_number() over device as slice_number,
        lead(event_at) over device as to_at
    from changes
    window device as (partition by visitor_number order by event_at, event_id)

)

select
    starts.visitor_number,
    starts.slice_number,
    starts.event_id as naming_event_id,
    starts.event_at as named_at,
    if(starts.slice_number > 1, starts.event_at, null) as from_at,
    starts.to_at,
    owners.person_node,
    owners.person_id,
    count(*) over (partition by starts.visitor_number) as slice_count
from starts
inner join owners on starts.owner_node_id = owners.node_id;

-- Whose an event is, where the device alone does not say: those of a device with
-- several slices, and of one made from an address, where each event is for itself.
create temp table shared_events as
with

shared_devices as (

    select
        visitors.visitor_number,
        visitors.visitor_id
    from visitors
    where
        not visitors.is_address_visitor
        and visitors.visitor_number in (
            select cuts.visitor_number from cuts
            where cuts.slice_count > 1
        )

),

shared_timeline as (

    select
        events.event_row,
        shared_devices.visitor_number,
        events.event_at,
        events.event_id,
        1 as slice_number
    from events
    inner join shared_devices on events.visitor_id = shared_devices.visitor_id
    union all
    select
        null as event_row,
        visitor_number,
        named_at as event_at,
        naming_event_id as event_id,
        slice_number
    from cuts
    where slice_count > 1

),

sliced as (

    select
        event_row,
        visitor_number,
        max(slice_number) over (
            partition by visitor_number
            order by event_at, event_id, event_row is not null
            rows between unbounded preceding and current row
        ) as slice_number
    from shared_timeline
    qualify event_row is not null

)

select
    sliced.event_row,
    sliced.visitor_number,
    sliced.slice_number,
    cuts.person_node as person_number
from sliced
inner join cuts
    on
        sliced.visitor_number = cuts.visitor_number
        and sliced.slice_number = cuts.slice_number
union all
select
    events.event_row,
    visitors.visitor_number,
    coalesce(owners.node_number, 0) as slice_number,
    coalesce(owners.person_node, -visitors.visitor_number) as person_number
from events
inner join visitors on events.visitor_id = visitors.visitor_id
left join owners on events.owner_node_id = owners.node_id
where visitors.is_address_visitor;

-- The people: a component of nodes by its canonical node, and below zero a device that
-- nobody named.
create temp table devices as
select
    visitors.*,
    coalesce(cuts.person_node, -visitors.visitor_number) as person_number,
    cuts.person_node is not null as is_named,
    visitors.is_address_visitor or coalesce(cuts.slice_count, 1) > 1 as is_shared
from visitors
left join cuts
    on
        visitors.visitor_number = cuts.visitor_number
        and cuts.slice_number = 1
        and not visitors.is_address_visitor;
