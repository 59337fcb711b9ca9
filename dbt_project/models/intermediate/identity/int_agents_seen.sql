-- One row a slice of somebody known, and a user agent in it. Kept by slice, so that a
-- merge changes no row.
with

events as (

    select
        event_id,
        user_agent
    from {{ ref('stg_web__events') }}
    where user_agent is not null

),

placed as (

    select
        event_id,
        slice_id
    from {{ ref('int_events_placed') }}
    where not is_gone

),

slices as (

    select slice_id
    from {{ ref('int_slices_owned') }}
    where
        not is_gone
        and is_identified

)

select distinct
    placed.slice_id,
    events.user_agent
from placed
inner join slices on placed.slice_id = slices.slice_id
inner join events on placed.event_id = events.event_id
