-- Visitors by number, in the order of their names.
create temp table visitors as
select
    visitor_id,
    max(anonymous_id) as anonymous_id,
    bool_or(is_address_visitor) as is_address_visitor,
    md5(visitor_id) as visitor_md5,
    md5('anonymous_id:' || visitor_id)::uuid as own_person_id,
    row_number() over () as visitor_number
from events
where visitor_id is not null
group by visitor_id;

create temp table email_domains as
with

overrides as (

    select
        email_domains.email_domain,
        arg_max(overrides.email_class, length(overrides.email_domain)) as email_class
    from warehouse.raw.email_domains as email_domains
    inner join warehouse.seeds.email_domain_overrides as overrides
        on is_below(email_domains.email_domain, overrides.email_domain)
    group by email_domains.email_domain

)

select
    email_domains.email_domain,
    email_domains.registrable_domain,
    case
        when
            exists(
                select 1
                from warehouse.raw.site_domains as site_domains
                where is_below(email_domains.email_domain, site_domains.site_domain)
            )
            then 'internal'
        when overrides.email_class is not null then overrides.email_class
        when email_domains.is_disposable then 'disposable'
        when email_domains.is_free then 'free'
        else 'business'
    end as email_class
from warehouse.raw.email_domains as email_domains
left join overrides on email_domains.email_domain = overrides.email_domain;

-- The events that carry a name, on which all of identity works: one in four.
create temp table namings as
select
    events.event_row,
    visitors.visitor_number,
    events.event_id,
    events.event_at,
    event_kinds.event_type,
    events.user_id,
    events.email,
    events.previous_id,
    events.owner_node_id,
    events.is_address_visitor
from events
inner join visitors on events.visitor_id = visitors.visitor_id
inner join event_kinds on events.kind_number = event_kinds.kind_number
where events.owner_node_id is not null;

create temp table nodes as
with

sightings as (

    select
        'user_id' as identifier_type,
        user_id as identifier,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at
    from namings
    where user_id is not null
    group by user_id
    union all
    select
        'email' as identifier_type,
        email as identifier,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at
    from namings
    where email is not null
    group by email

)

select
    sightings.*,
    sightings.identifier_type || ':' || sightings.identifier as node_id,
    email_domains.email_domain,
    email_domains.registrable_domain,
    if(
        sightings.identifier_type = 'email',
        coalesce(email_domains.email_class, 'business'),
        null
    ) as email_class,
    (
        role_local_parts.local_part is null
        and coalesce(email_domains.email_class, '') != 'disposable'
    ) as is_linkable,
    row_number() over (
        order by
            sightings.first_seen_at asc,
            sightings.identifier_type desc,
            sightings.identifier asc
    ) as node_number
from sightings
left join email_domains
    on
        sightings.identifier_type = 'email'
        and split_part(sightings.identifier, '@', 2) = email_domains.email_domain
left join warehouse.seeds.role_local_parts as role_local_parts
    on
        sightings.identifier_type = 'email'
        and split_part(sightings.identifier, '@', 1) = role_local_parts.local_part;

create temp table links as
with

asked as (

    select
        namings.event_id,
        namings.event_at,
        namings.user_id,
        nodes.node_number as other_number
    from namings
    inner join nodes on namings.email = nodes.identifier
    where
        namings.event_type = 'identify'
        and nodes.identifier_type = 'email'
        and nodes.is_linkable
    union all
    select
        namings.event_id,
        namings.event_at,
        namings.user_id,
        nodes.node_number as other_number
    from namings
    inner join nodes on namings.previous_id = nodes.identifier
    where
        namings.event_type = 'alias'
        and nodes.identifier_type = 'user_id'
        and namings.previous_id != namings.user_id

)

select
    least(nodes.node_number, asked.other_number) as left_number,
    greatest(nodes.node_number, asked.other_number) as right_number,
    arg_min(asked.event_id, (asked.event_at, asked.event_id)) as event_id,
    min(asked.event_at) as event_at
from asked
inner join nodes
    on nodes.identifier_type = 'user_id' and asked.user_id = nodes.identifier
group by all;

-- Nodes are numbered by age, so the smallest number of a component is its canonical
-- node.
create temp table components as
with recursive

edges as (

    select
        left_number as node_number,
        right_number as neighbour
    from links
    union all
    select
        right_number as node_number,
        left_number as neighbour
    from links

),

labels (node_number, component) using key (node_number) as (

    select distinct
        node_number,
        node_number as component
    from edges
    union
    (
        with

        offers as (

            select
                edges.node_number,
                own.component as parent,
                grandparents.component as offer
            from edges
            inner join recurring.labels as own on edges.node_number = own.node_number
            inner join recurring.labels as other on edges.neighbour = other.node_number
            inner join recurring.labels as grandparents
                on other.component = grandparents.node_number

        ),

        best as (

            select
                node_number,
                min(offer) as component
            from (
                select node_number, offer from offers
                union all
                select parent as node_number, offer from offers
                union all
                select labels.node_number, grandparents.component as offer
                from recurring.labels as labels
                inner join recurring.labels as grandparents
                    on labels.component = grandparents.node_number
            )
            group by node_number

        )

        select
            best.node_number,
            best.component
        from best
        inner join recurring.labels as known on best.node_number = known.node_number
        where best.component < known.component
    )

)

select * from labels;

-- The walk of components over a limit is left out; a log that needs it is refused.
select if(
    count(*) > 0,
    error('the script does not refuse links, and this log has people over a limit'),
    0
)
from (
    select limits.maximum_per_person
    from components
    inner join nodes on components.node_number = nodes.node_number
    inner join warehouse.seeds.identity_limits as limits
        on nodes.identifier_type = limits.identifier_type
    group by components.component, nodes.identifier_type, limits.maximum_per_person
    having count(*) > limits.maximum_per_person
);

create temp table owners as
with

evidence as (

    select
        node_number,
        arg_min(event_id, (event_at, event_id)) as link_event_id,
        min(event_at) as linked_at
    from (
        select left_number as node_number, event_id, event_at from links
        union all
        select right_number as node_number, event_id, event_at from links
    )
    group by node_number

)

select
    nodes.*,
    coalesce(components.component, nodes.node_number) as person_node,
    md5(canonical.node_id)::uuid as person_id,
    evidence.link_event_id,
    evidence.linked_at
from nodes
left join components on nodes.node_number = components.node_number
inner join nodes as canonical
    on coalesce(components.component, nodes.node_number) = canonical.node_number
left join evidence on nodes.node_number = evidence.node_number;
