-- One row an id that a node or visitor has of its own: the person that it belongs to
-- now. An id kept from before a merge is looked up here.
with

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

slices as (

    select * from {{ ref('int_slices_counted') }}

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
        min(anonymous_id) as anonymous_id,
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

),

-- a device belongs to the owner of its first slice, which holds its anonymous history
visitor_ids as (

    select
        {{ person_id("'anonymous_id:' || visitors.visitor_id") }} as own_person_id,
        case when visitors.anonymous_id is null then 'server' else 'anonymous_id' end
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
