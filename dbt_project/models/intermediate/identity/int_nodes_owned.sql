-- One row a node: the person that it belongs to, and the first accepted link that says
-- so. The id of a person is made from the node seen first, so the older person's id
-- survives when two become one. All are worked out, and those that come out otherwise
-- are written, with the load that changed them; the earlier row stays, with is_gone.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='node_id',
        keeps_gone=true,
        meta={'writes_differences': true}
    )
}}

with

nodes as (

    select * from {{ ref('int_nodes_found') }}

),

links as (

    select * from {{ ref('int_links_decided') }}
    where is_accepted

),

-- components without a conflict are final; the others fall apart where a link was
-- refused
connected as (

    select
        node_id,
        component_id
    from {{ ref('int_nodes_connected') }}
    where not has_conflict

),

reconnected as (

    select * from {{ ref('int_nodes_reconnected') }}

),

components as (

    select
        nodes.*,
        coalesce(
            connected.component_id, reconnected.component_id, nodes.node_id
        ) as component_id
    from nodes
    left join connected on nodes.node_id = connected.node_id
    left join reconnected on nodes.node_id = reconnected.node_id

),

-- what a person has forced has no event to show for it
link_ends as (

    select
        left_node_id as node_id,
        event_id,
        event_at
    from links
    where event_id is not null
    union all
    select
        right_node_id as node_id,
        event_id,
        event_at
    from links
    where event_id is not null

),

evidence as (

    select
        node_id,
        event_id as link_event_id,
        event_at as linked_at
    from link_ends
    qualify row_number() over (
        partition by node_id order by event_at, event_id
    ) = 1

),

canonical as (

    select
        *,
        first_value(node_id) over (
            partition by component_id
            -- 'user_id' sorts after 'email', and goes before it
            order by first_seen_at asc, identifier_type desc, identifier asc
        ) as canonical_node_id
    from components

),

owned as (

    select
        canonical.node_id,
        canonical.identifier_type,
        canonical.identifier,
        canonical.email_domain,
        canonical.registrable_domain,
        canonical.email_class,
        canonical.is_linkable,
        canonical.canonical_node_id,
        {{ person_id('canonical.canonical_node_id') }} as person_id,
        evidence.link_event_id,
        evidence.linked_at,
        canonical.first_seen_at,
        canonical.last_seen_at
    from canonical
    left join evidence on canonical.node_id = evidence.node_id

)
{% if is_update() %}
, earlier as (

    select * from {{ this }}
    where not is_gone

),

owned_otherwise as (

    select
        owned.*,
        {{ this_load() }} as load_id,
        false as is_gone
    from owned
    left join earlier on owned.node_id = earlier.node_id
    where
        earlier.node_id is null
        or owned.email_domain is distinct from earlier.email_domain
        or owned.registrable_domain is distinct from earlier.registrable_domain
        or owned.email_class is distinct from earlier.email_class
        or owned.is_linkable is distinct from earlier.is_linkable
        or owned.canonical_node_id is distinct from earlier.canonical_node_id
        or owned.person_id is distinct from earlier.person_id
        or owned.link_event_id is distinct from earlier.link_event_id
        or owned.linked_at is distinct from earlier.linked_at
        or owned.first_seen_at is distinct from earlier.first_seen_at
        or owned.last_seen_at is distinct from earlier.last_seen_at

),

replaced as (

    select earlier.* replace ({{ this_load() }} as load_id, true as is_gone)
    from earlier
    left join owned on earlier.node_id = owned.node_id
    left join owned_otherwise on earlier.node_id = owned_otherwise.node_id
    where
        owned.node_id is null
        or owned_otherwise.node_id is not null

)

select * from owned_otherwise
union all by name
select * from replaced
{% else %}
select
    *,
    {{ this_load() }} as load_id,
    false as is_gone
from owned
{% endif %}
