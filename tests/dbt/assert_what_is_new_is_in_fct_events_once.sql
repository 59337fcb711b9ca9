-- A returned row is an event that this refresh placed and that fct_events has not, or
-- has more than once, or with another session.
with

placed as (

    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and load_id
        = (select refreshes.load_id from {{ ref('int_refreshes_numbered') }} as refreshes)

),

-- the time is compared as well, so that only the parts are read that hold it
written as (

    select
        events.event_id,
        events.session_id
    from {{ ref('fct_events') }} as events
    inner join placed
        on
            events.event_at = placed.event_at
            and events.event_id = placed.event_id

)

select
    placed.event_id,
    count(written.event_id) as event_count
from placed
left join written
    on
        placed.event_id = written.event_id
        and placed.session_id is not distinct from written.session_id
group by placed.event_id
having count(written.event_id) != 1
