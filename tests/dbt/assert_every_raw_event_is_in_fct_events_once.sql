-- A returned row says that the ids in fct_events are not those of raw.events: another
-- number of them, or another sum of their hashes. Sums need no join of two large
-- tables; that no id stands twice is for the unique test to say.
{{ config(tags=['whole_history']) }}

with

counted as (

    select
        'raw.events' as relation,
        count(*) as event_count,
        sum(hash(event_id)) as fingerprint
    from {{ source('raw', 'events') }}
    union all
    select
        'fct_events' as relation,
        count(*) as event_count,
        sum(hash(event_id)) as fingerprint
    from {{ ref('fct_events') }}

)

select
    raw_events.event_count as raw_event_count,
    fct_events.event_count as fct_event_count
from counted as raw_events
inner join counted as fct_events
    on
        raw_events.relation = 'raw.events'
        and fct_events.relation = 'fct_events'
where
    raw_events.event_count != fct_events.event_count
    or raw_events.fingerprint != fct_events.fingerprint
