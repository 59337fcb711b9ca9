-- One row a person and refresh by which something of theirs may have become otherwise:
-- whose slices or names came, went or changed, on whose slices events did or stands an
-- address that is of another kind now, who took part in a session that changed (one may
-- have lost it to another), and whose visitor turned out to be a program or not. A log,
-- which is empty when all is built anew, and of which that goes which every model has
-- seen.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['person_id', 'load_id'],
        keeps_gone=true
    )
}}

with

slices as {{ read_each_time() }} (

    select * from {{ ref('int_slices_owned') }}

),

{% if is_update() -%}
placed as (

    select * from {{ ref('int_events_placed') }}
    where load_id > {{ mark_of(this) }}

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where load_id > {{ mark_of(this) }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where load_id > {{ mark_of(this) }}

),

-- an address is now of another kind; on most days none is
reclassified as {{ computed_first() }} (

    select now.identifier as email
    from nodes as earlier
    inner join nodes as now on earlier.node_id = now.node_id
    where
        earlier.is_gone
        and not now.is_gone
        and now.identifier_type = 'email'
        and (
            now.email_class is distinct from earlier.email_class
            or now.email_domain is distinct from earlier.email_domain
            or now.registrable_domain is distinct from earlier.registrable_domain
            or now.is_linkable is distinct from earlier.is_linkable
        )

),

-- it may count for others than its own person: those on whose events it stands beside
-- a user id
reclassified_slices as (

    select distinct slice_id
    from {{ ref('int_events_placed') }}
    where
        not is_gone
        and user_id is not null
        and email in (select reclassified.email from reclassified)

),

sessions as (

    select distinct
        session_date,
        session_id,
        visitor_id
    from placed
    where session_id is not null

),

-- only where a device has several slices can a session be of several people, or could
-- before one of them went
shared_visitors as (

    select visitor_id
    from slices
    where visitor_id in (select sessions.visitor_id from sessions)
    group by visitor_id
    having count(distinct slice_id) > 1

),

shared_sessions as (

    select
        sessions.session_date,
        sessions.session_id
    from sessions
    inner join shared_visitors on sessions.visitor_id = shared_visitors.visitor_id

),

touched_slices as {{ computed_first() }} (

    select slice_id from placed
    where slice_id is not null
    union
    select slice_id from reclassified_slices
    union
    select events.slice_id
    from {{ ref('int_events_placed') }} as events
    inner join shared_sessions
        on
            events.session_date = shared_sessions.session_date
            and events.session_id = shared_sessions.session_id

),

touched as (

    select person_id from slices
    where load_id > {{ mark_of(this) }}
    union
    select person_id from nodes
    union
    select person_id
    from slices
    where
        not is_gone
        and slice_id in ({{ few_of('slice_id', 'touched_slices') }})
    union
    select slices.person_id
    from slices
    inner join flagged on slices.visitor_id = flagged.visitor_id
    where not slices.is_gone

)
{%- else -%}
touched as (

    select person_id from slices
    where false

)
{%- endif %}

select
    person_id,
    {{ this_load() }} as load_id,
    true as is_gone
from touched
