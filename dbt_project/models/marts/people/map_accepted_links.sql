-- One row a link between two names that was asked for, by an event or by a person, and
-- made: with it the two are one person. A name that only an override knows is nobody
-- until an event carries it, so the person is that of the other name then.
with

links as (

    select * from {{ ref('int_links_decided') }}
    where is_accepted

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

owned as (

    select
        links.*,
        coalesce(left_nodes.person_id, right_nodes.person_id) as person_id
    from links
    left join nodes as left_nodes on links.left_node_id = left_nodes.node_id
    left join nodes as right_nodes on links.right_node_id = right_nodes.node_id

)

select
    person_id as canonical_person_id,
    link_type,
    {{ node_type('left_node_id') }} as left_identifier_type,
    {{ node_name('left_node_id') }} as left_identifier,
    {{ node_type('right_node_id') }} as right_identifier_type,
    {{ node_name('right_node_id') }} as right_identifier,
    event_id,
    event_at
from owned
where person_id is not null
