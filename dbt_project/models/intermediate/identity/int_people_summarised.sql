-- One row a person with an event: when they were seen, where they belong, and whether
-- something excludes them from scores.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{{ slices_of_touched_cte() }}

slices_seen as (

    select
        slices.visitor_id,
        slices.person_id,
        slices.is_identified,
        counted.event_count,
        counted.bot_event_count,
        counted.internal_event_count,
        counted.first_seen_at,
        counted.last_seen_at
    from {{ ref('int_slices_counted') }} as counted
    inner join slices on counted.slice_id = slices.slice_id

),

addresses as (

    select * from {{ ref('int_people_addressed') }}

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

internal_users as (

    select * from {{ ref('internal_users') }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

internal_people as (

    select distinct nodes.person_id
    from nodes
    inner join internal_users on nodes.identifier = internal_users.user_id
    where nodes.identifier_type = 'user_id'

),

people as (

    select
        slices_seen.person_id,
        bool_or(slices_seen.is_identified) as is_identified,
        sum(slices_seen.event_count) as event_count,
        -- whatever a flagged visitor does is a program's
        sum(
            case
                when flagged.visitor_id is not null then slices_seen.event_count
                else slices_seen.bot_event_count
            end
        ) as bot_event_count,
        sum(
            case
                when flagged.visitor_id is not null then 0
                else slices_seen.internal_event_count
            end
        ) as internal_event_count,
        min(flagged.traffic_flag) as traffic_flag,
        min(flagged.traffic_rule) as traffic_rule,
        min(slices_seen.first_seen_at) as first_seen_at,
        max(slices_seen.last_seen_at) as last_seen_at
    from slices_seen
    left join flagged on slices_seen.visitor_id = flagged.visitor_id
    group by slices_seen.person_id

),

judged as (

    select
        people.person_id,
        people.is_identified,
        addresses.primary_email,
        addresses.email_domain,
        addresses.registrable_domain,
        addresses.email_class,
        people.traffic_flag,
        people.traffic_rule,
        people.event_count,
        people.first_seen_at,
        people.last_seen_at,
        addresses.has_internal as has_internal_address,
        addresses.has_only_disposable,
        people.bot_event_count = people.event_count as is_bot,
        internal_people.person_id is not null as is_internal_user,
        people.bot_event_count + people.internal_event_count = people.event_count
            as is_in_internal_networks
    from people
    left join addresses on people.person_id = addresses.person_id
    left join internal_people on people.person_id = internal_people.person_id

),

excluded as (

    select
        *,
        case
            when is_bot then 'bot'
            when
                has_internal_address or is_internal_user or is_in_internal_networks
                then 'internal'
            when has_only_disposable then 'disposable'
        end as exclusion_reason,
        case
            when is_bot then coalesce(traffic_rule, 'agent')
            when has_internal_address then 'address'
            when is_internal_user then 'internal_user'
            when is_in_internal_networks then 'internal_network'
            when has_only_disposable then 'address'
        end as exclusion_rule
    from judged

)

select
    person_id,
    is_identified,
    primary_email,
    email_domain,
    email_class,
    exclusion_reason,
    exclusion_rule,
    traffic_flag,
    cast(event_count as bigint) as event_count,
    first_seen_at,
    last_seen_at,
    case
        when email_class = 'business' and exclusion_reason is null
            then {{ hash_id('registrable_domain') }}
    end as account_id,
    case
        when email_class = 'business' and exclusion_reason is null
            then registrable_domain
    end as account_domain
from excluded
