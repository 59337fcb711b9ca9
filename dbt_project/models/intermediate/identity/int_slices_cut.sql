-- One row a slice of a device's timeline: it starts at the event that names another
-- node than the one before. The first slice reaches back without end (the anonymous
-- history is promoted), so its start is null; the last one has no end. A device is cut
-- anew from the first of its namings that changed: a cut before it starts as it did,
-- and no slice starts there that did not. A cut that is no more stays, with is_gone.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='slice_id',
        keeps_gone=true
    )
}}

with

{% if is_update() -%}
events as (

    select * from {{ ref('int_events_prepared') }}
    where load_id > {{ mark_of(this) }}

),

-- when the earliest naming came or went on a device. Where it turns out to be one made
-- from address and agent, whatever stands of it goes; where it is none any more, it is
-- looked for from before all time, since what named it meanwhile was not taken
touched as {{ computed_first() }} (

    select
        visitor_id,
        min(changed_at) as changed_at
    from (
        select
            visitor_id,
            event_at as changed_at
        from events
        where
            visitor_id is not null
            and owner_node_id is not null
        union all
        select
            previous_id as visitor_id,
            event_at as changed_at
        from events
        where
            event_type = 'alias'
            and owner_node_id is not null
            and previous_id is not null
        union all
        select
            visitor_id,
            named_at as changed_at
        from {{ this }}
        where
            not is_gone
            and visitor_id in (
                select events.visitor_id from events
                where events.is_address_visitor
            )
        union all
        select
            visitor_id,
            cast('1970-01-01' as timestamp) as changed_at
        from events
        where
            is_gone
            and is_address_visitor
            and visitor_id is not null
    ) as changes_of_namings
    group by visitor_id

),

earlier as (

    select * from {{ this }}
    where
        not is_gone
        and visitor_id in (select touched.visitor_id from touched)

),
{% endif %}

namings as (
    {% if is_update() %}
    select
        found.visitor_id,
        found.event_id,
        found.owner_node_id,
        found.event_at
    from {{ ref('int_namings_found') }} as found
    inner join touched
        on
            found.visitor_id = touched.visitor_id
            and found.event_at >= touched.changed_at
    -- so that only those parts of the log are read
    where found.event_at >= (select min(one.changed_at) from touched as one)
    union all
    -- of what was before that, where slices start says all
    select
        earlier.visitor_id,
        earlier.naming_event_id as event_id,
        earlier.owner_node_id,
        earlier.named_at as event_at
    from earlier
    inner join touched
        on
            earlier.visitor_id = touched.visitor_id
            and earlier.named_at < touched.changed_at
    {%- else %}
    select * from {{ ref('int_namings_found') }}
    {%- endif %}

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

),

cuts as (

    select
        visitor_id,
        owner_node_id,
        event_id as naming_event_id,
        next_event_id as to_event_id,
        slice_number,
        event_at as named_at,
        next_event_at as to_at,
        -- the first slice is there before anybody is named, and stays itself after that
        case
            when slice_number = 1 then {{ first_slice_id('visitor_id') }}
            else {{ slice_id('visitor_id', 'event_id') }}
        end as slice_id,
        case when slice_number > 1 then event_at end as from_at
    from starts

),

{% if is_update() -%}
changed as (

    select
        cuts.*,
        {{ this_load() }} as load_id,
        false as is_gone
    from cuts
    left join earlier on cuts.slice_id = earlier.slice_id
    where
        earlier.slice_id is null
        or cuts.slice_number != earlier.slice_number
        or cuts.owner_node_id != earlier.owner_node_id
        or cuts.naming_event_id != earlier.naming_event_id
        or cuts.named_at != earlier.named_at
        or cuts.to_event_id is distinct from earlier.to_event_id
        or cuts.to_at is distinct from earlier.to_at

),

replaced as (

    select
        earlier.visitor_id,
        earlier.owner_node_id,
        earlier.naming_event_id,
        earlier.to_event_id,
        earlier.slice_number,
        earlier.named_at,
        earlier.to_at,
        earlier.slice_id,
        earlier.from_at,
        {{ this_load() }} as load_id,
        true as is_gone
    from earlier
    left join cuts on earlier.slice_id = cuts.slice_id
    left join changed on earlier.slice_id = changed.slice_id
    where
        cuts.slice_id is null
        or changed.slice_id is not null

),

written as (

    select * from changed
    union all
    select * from replaced

)
{%- else -%}
written as (

    select
        *,
        {{ this_load() }} as load_id,
        false as is_gone
    from cuts

)
{%- endif %}

select * from written
