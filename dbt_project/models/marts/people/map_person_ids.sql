-- One row an id that a node or visitor has of its own: the person that it belongs to
-- now. An id kept from before a merge is looked up here.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['identifier_type', 'identifier'],
        alive_column='own_person_id',
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

visitor_kinds as (

    select 'anonymous_id' as identifier_type
    union all
    select 'server' as identifier_type

),
{% endif %}

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

slices as (

    select * from {{ ref('int_slices_counted') }}
    {%- if is_update() %}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)
    {%- endif %}

),

cuts as (

    select * from {{ ref('int_slices_cut') }}
    where
        not is_gone
        and slice_number = 1

),

visitors as (

    select
        visitor_id,
        bool_or(has_device) as has_device,
        bool_or(is_address_visitor) as is_address_visitor
    from slices
    group by visitor_id

),

node_ids as (

    select
        {{ person_id('node_id') }} as own_person_id,
        identifier_type,
        identifier,
        person_id as canonical_person_id,
        link_event_id,
        linked_at
    from nodes
    {%- if is_update() %}
    where node_id in (select changed_nodes.node_id from changed_nodes)
    {%- endif %}

),

-- a device belongs to the owner of its first slice, which holds its anonymous history
visitor_ids as (

    select
        {{ person_id("'anonymous_id:' || visitors.visitor_id") }} as own_person_id,
        case when visitors.has_device then 'anonymous_id' else 'server' end
            as identifier_type,
        visitors.visitor_id as identifier,
        coalesce(
            nodes.person_id,
            {{ person_id("'anonymous_id:' || visitors.visitor_id") }}
        ) as canonical_person_id,
        cuts.naming_event_id as link_event_id,
        cuts.named_at as linked_at
    from visitors
    left join cuts
        on
            visitors.visitor_id = cuts.visitor_id
            and not visitors.is_address_visitor
    left join nodes on cuts.owner_node_id = nodes.node_id

)

select * from node_ids
union all
select * from visitor_ids
{% if is_update() -%}
union all
select
    cast(null as {{ id_type() }}) as own_person_id,
    identifier_type,
    identifier,
    cast(null as {{ id_type() }}) as canonical_person_id,
    cast(null as varchar) as link_event_id,
    cast(null as timestamp) as linked_at
from changed_nodes
union all
select
    cast(null as {{ id_type() }}) as own_person_id,
    visitor_kinds.identifier_type,
    touched_visitors.visitor_id as identifier,
    cast(null as {{ id_type() }}) as canonical_person_id,
    cast(null as varchar) as link_event_id,
    cast(null as timestamp) as linked_at
from touched_visitors
cross join visitor_kinds
{%- endif %}
