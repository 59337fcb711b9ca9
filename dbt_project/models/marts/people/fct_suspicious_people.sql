-- One row a person who may be several, or nobody: whom to look at by hand, and whom
-- first. Who they are is decided elsewhere; nothing is changed by it.
with

people as (

    select * from {{ ref('int_people_summarised') }}
    where is_identified

),

slices as (

    select
        everyones.person_id,
        everyones.slice_id,
        {{ anonymous_id('everyones') }} as anonymous_id
    from {{ ref('int_slices_owned') }} as everyones
    where
        not everyones.is_gone
        and everyones.person_id in (select people.person_id from people)

),

agents as (

    select * from {{ ref('int_agents_seen') }}

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where not is_gone

),

refused as (

    select * from {{ ref('int_links_decided') }}
    where not is_accepted

),

thresholds as (

    select
        max(minimum) filter (where reason = 'refused_links') as refused_links,
        max(minimum) filter (where reason = 'many_devices') as many_devices,
        max(minimum) filter (where reason = 'many_user_ids') as many_user_ids,
        max(minimum) filter (where reason = 'many_addresses') as many_addresses,
        max(minimum) filter (where reason = 'many_agents') as many_agents
    from {{ ref('suspicion_thresholds') }}

),

devices_counted as (

    select
        person_id,
        count(distinct anonymous_id) as device_count
    from slices
    group by person_id

),

agents_counted as (

    select
        slices.person_id,
        count(distinct agents.agent_id) as agent_count
    from agents
    inner join slices on agents.slice_id = slices.slice_id
    group by slices.person_id

),

names_counted as (

    select
        person_id,
        count(*) filter (where identifier_type = 'user_id') as user_id_count,
        count(*) filter (where identifier_type = 'email') as address_count
    from nodes
    group by person_id

),

-- a link has two ends, which other links may have made one person all the same
refused_ends as (

    select
        nodes.person_id,
        refused.left_node_id,
        refused.right_node_id
    from refused
    inner join nodes on refused.left_node_id = nodes.node_id
    union
    select
        nodes.person_id,
        refused.left_node_id,
        refused.right_node_id
    from refused
    inner join nodes on refused.right_node_id = nodes.node_id

),

refusals_counted as (

    select
        person_id,
        count(*) as refused_link_count
    from refused_ends
    group by person_id

),

counted as (

    select
        people.person_id,
        people.exclusion_reason,
        coalesce(refusals_counted.refused_link_count, 0) as refused_link_count,
        coalesce(devices_counted.device_count, 0) as device_count,
        coalesce(names_counted.user_id_count, 0) as user_id_count,
        coalesce(names_counted.address_count, 0) as address_count,
        coalesce(agents_counted.agent_count, 0) as agent_count
    from people
    left join refusals_counted on people.person_id = refusals_counted.person_id
    left join devices_counted on people.person_id = devices_counted.person_id
    left join names_counted on people.person_id = names_counted.person_id
    left join agents_counted on people.person_id = agents_counted.person_id

),

measured as (

    select
        counted.*,
        case
            when counted.refused_link_count >= thresholds.refused_links
                then counted.refused_link_count / thresholds.refused_links
        end as by_refused_links,
        case
            when counted.device_count >= thresholds.many_devices
                then counted.device_count / thresholds.many_devices
        end as by_devices,
        case
            when counted.user_id_count >= thresholds.many_user_ids
                then counted.user_id_count / thresholds.many_user_ids
        end as by_user_ids,
        case
            when counted.address_count >= thresholds.many_addresses
                then counted.address_count / thresholds.many_addresses
        end as by_addresses,
        case
            when counted.agent_count >= thresholds.many_agents
                then counted.agent_count / thresholds.many_agents
        end as by_agents
    from counted
    cross join thresholds

),

suspected as (

    select
        *,
        concat_ws(
            ', ',
            case when by_refused_links is not null then 'refused_links' end,
            case when by_devices is not null then 'many_devices' end,
            case when by_user_ids is not null then 'many_user_ids' end,
            case when by_addresses is not null then 'many_addresses' end,
            case when by_agents is not null then 'many_agents' end
        ) as reasons,
        round(
            coalesce(by_refused_links, 0)
            + coalesce(by_devices, 0)
            + coalesce(by_user_ids, 0)
            + coalesce(by_addresses, 0)
            + coalesce(by_agents, 0), 6
        ) as suspicion
    from measured

)

select
    person_id,
    reasons,
    exclusion_reason,
    suspicion,
    refused_link_count,
    device_count,
    user_id_count,
    address_count,
    agent_count,
    row_number() over (order by suspicion desc, person_id asc) as suspicion_rank
from suspected
where suspicion > 0
