-- One row a user id or address, and one row a device and slice of its timeline: who it
-- is.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['identifier_type', 'identifier'],
        alive_column='canonical_person_id',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
changed_nodes as (

    select
        node_id,
        identifier_type,
        identifier
    from {{ ref('int_nodes_owned') }}
    where load_id > {{ mark_of(this) }}

),

touched_visitors as {{ computed_first() }} (

    select visitor_id from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and visitor_id is not null
    union
    select visitor_id from {{ ref('int_slices_cut') }}
    where load_id > {{ mark_of(this) }}
    union
    select visitor_id from {{ ref('int_slices_cut') }}
    where
        not is_gone
        and owner_node_id in (select changed_nodes.node_id from changed_nodes)

),
{% endif %}

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

cuts as (

    select * from {{ ref('int_slices_cut') }}
    where
        not is_gone
        {%- if is_update() %}
        and visitor_id in ({{ few_of('visitor_id', 'touched_visitors') }})
        {%- endif %}

),

slices as (

    select * from {{ ref('int_slices_counted') }}
    where
        has_device
        {%- if is_update() %}
        and visitor_id in ({{ few_of('visitor_id', 'touched_visitors') }})
        {%- endif %}

),

devices as (

    select
        visitor_id,
        is_address_visitor,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from slices
    group by all

),

named_nodes as (

    select
        identifier_type,
        identifier,
        person_id as canonical_person_id,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to,
        first_seen_at,
        last_seen_at,
        link_event_id
    from nodes
    {%- if is_update() %}
    where node_id in (select changed_nodes.node_id from changed_nodes)
    {%- endif %}

),

named_devices as (

    select
        'anonymous_id' as identifier_type,
        devices.visitor_id as identifier,
        nodes.person_id as canonical_person_id,
        cuts.from_at as valid_from,
        cuts.to_at as valid_to,
        slices.first_seen_at,
        slices.last_seen_at,
        cuts.naming_event_id as link_event_id
    from cuts
    inner join devices
        on
            cuts.visitor_id = devices.visitor_id
            and not devices.is_address_visitor
    inner join nodes on cuts.owner_node_id = nodes.node_id
    left join slices on cuts.slice_id = slices.slice_id

),

-- devices nobody was named on, and those made from address and agent, which nobody owns
unnamed_devices as (

    select
        'anonymous_id' as identifier_type,
        devices.visitor_id as identifier,
        {{ person_id("'anonymous_id:' || devices.visitor_id") }} as canonical_person_id,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to,
        devices.first_seen_at,
        devices.last_seen_at,
        cast(null as varchar) as link_event_id
    from devices
    left join named_devices on devices.visitor_id = named_devices.identifier
    where named_devices.identifier is null

)

select * from named_nodes
union all
select * from named_devices
union all
select * from unnamed_devices
{% if is_update() -%}
union all
select
    identifier_type,
    identifier,
    cast(null as {{ id_type() }}) as canonical_person_id,
    cast(null as timestamp) as valid_from,
    cast(null as timestamp) as valid_to,
    cast(null as timestamp) as first_seen_at,
    cast(null as timestamp) as last_seen_at,
    cast(null as varchar) as link_event_id
from changed_nodes
union all
select
    'anonymous_id' as identifier_type,
    visitor_id as identifier,
    cast(null as {{ id_type() }}) as canonical_person_id,
    cast(null as timestamp) as valid_from,
    cast(null as timestamp) as valid_to,
    cast(null as timestamp) as first_seen_at,
    cast(null as timestamp) as last_seen_at,
    cast(null as varchar) as link_event_id
from touched_visitors
{%- endif %}
