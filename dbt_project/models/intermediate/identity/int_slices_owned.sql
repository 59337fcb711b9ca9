-- One row a slice that holds an event: whose it is. Who merges changes rows here, and
-- no event; the earlier row stays, with is_gone, so that whatever is kept by person
-- knows both.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='slice_id',
        keeps_gone=true
    )
}}

with

counted as (

    select * from {{ ref('int_slices_counted') }}

),

cuts as (

    select * from {{ ref('int_slices_cut') }}
    where not is_gone

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

{% if is_update() -%}
touched as (

    select
        slice_id,
        visitor_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and slice_id is not null
    union
    select
        slice_id,
        visitor_id
    from {{ ref('int_slices_cut') }}
    where load_id > {{ mark_of(this) }}
    union
    select
        earlier.slice_id,
        earlier.visitor_id
    from {{ this }} as earlier
    where
        not earlier.is_gone
        and earlier.owner_node_id in (
            select changed.node_id
            from {{ ref('int_nodes_owned') }} as changed
            where changed.load_id > {{ mark_of(this) }}
        )

),
{% endif %}

named as (

    select
        counted.slice_id,
        -- that of what has changed is at hand; among all slices it would be looked for
        {{ 'touched' if is_update() else 'counted' }}.visitor_id,
        counted.has_device,
        counted.is_address_visitor,
        -- null in the slice of a device that nobody named
        coalesce(cuts.owner_node_id, counted.owner_node_id) as owner_node_id
    from counted
    {% if is_update() -%}
    inner join touched on counted.slice_id = touched.slice_id
    {% endif -%}
    left join cuts on counted.slice_id = cuts.slice_id

),

owned as (

    select
        named.slice_id,
        named.visitor_id,
        named.owner_node_id,
        coalesce(
            nodes.person_id,
            {{ person_id("'anonymous_id:' || named.visitor_id") }}
        ) as person_id,
        {{ this_load() }} as load_id,
        named.has_device,
        named.is_address_visitor,
        named.owner_node_id is not null as is_identified,
        false as is_gone
    from named
    left join nodes on named.owner_node_id = nodes.node_id

),

{% if is_update() -%}
earlier as (

    select
        slice_id,
        owner_node_id,
        person_id,
        has_device,
        is_address_visitor,
        is_identified
    from {{ this }}
    where
        not is_gone
        and slice_id in ({{ few_of('slice_id', 'touched') }})

),

owned_otherwise as (

    select owned.*
    from owned
    left join earlier on owned.slice_id = earlier.slice_id
    where
        earlier.slice_id is null
        or owned.person_id != earlier.person_id
        or owned.owner_node_id is distinct from earlier.owner_node_id
        or owned.has_device != earlier.has_device
        or owned.is_address_visitor != earlier.is_address_visitor

),

replaced as (

    select
        earlier.slice_id,
        touched.visitor_id,
        earlier.owner_node_id,
        earlier.person_id,
        {{ this_load() }} as load_id,
        earlier.has_device,
        earlier.is_address_visitor,
        earlier.is_identified,
        true as is_gone
    from earlier
    inner join touched on earlier.slice_id = touched.slice_id
    left join owned on earlier.slice_id = owned.slice_id
    left join owned_otherwise on earlier.slice_id = owned_otherwise.slice_id
    where
        owned.slice_id is null
        or owned_otherwise.slice_id is not null

),

written as (

    select * from owned_otherwise
    union all
    select * from replaced

)
{%- else -%}
written as (

    select * from owned

)
{%- endif %}

select * from written
