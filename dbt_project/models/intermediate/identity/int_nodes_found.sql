-- One row a node: a user id or an address that some event carries. An alias is no
-- sighting of its previous id.
with

names as (

    select * from {{ ref('int_names_carried') }}

),

email_domains as (

    select * from {{ ref('stg_lists__email_domains') }}

),

role_local_parts as (

    select * from {{ ref('role_local_parts') }}

),

-- few differ of many that are carried: what is made of a name is made once
sightings as (

    select
        'user_id' as identifier_type,
        user_id as identifier,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from names
    where user_id is not null
    group by user_id
    union all
    select
        'email' as identifier_type,
        email as identifier,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from names
    where email is not null
    group by email

),

nodes as (

    select
        identifier_type,
        identifier,
        first_seen_at,
        last_seen_at,
        identifier_type || ':' || identifier as node_id,
        case
            when identifier_type = 'email' then split_part(identifier, '@', 2)
        end as email_domain
    from sightings

)

select
    nodes.node_id,
    nodes.identifier_type,
    nodes.identifier,
    nodes.email_domain,
    email_domains.registrable_domain,
    nodes.first_seen_at,
    nodes.last_seen_at,
    case
        when nodes.identifier_type = 'email'
            then coalesce(email_domains.email_class, 'business')
    end as email_class,
    -- several people stand behind a shared mailbox or a throw-away address
    (
        role_local_parts.local_part is null
        and coalesce(email_domains.email_class, '') != 'disposable'
    ) as is_linkable
from nodes
left join email_domains on nodes.email_domain = email_domains.email_domain
left join role_local_parts
    on
        nodes.identifier_type = 'email'
        and split_part(nodes.identifier, '@', 1) = role_local_parts.local_part
