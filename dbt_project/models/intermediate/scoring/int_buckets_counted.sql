-- One row a slice, rule and UTC day: how many events counted, before any cap. Keyed by
-- the slice and not by the person, so that a merge is the union of buckets.
with

events as (

    select * from {{ ref('int_events_scored') }}

)

select
    slice_id,
    rule_id,
    event_date,
    count(*) as event_count
from events
group by slice_id, rule_id, event_date
