-- One row a slice, rule and UTC day that may count: what a program does counts for
-- nothing, whatever it did before it gave itself away.
{{ config(materialized='view') }}

with

buckets as (

    select * from {{ ref('int_buckets_counted') }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

)

select
    buckets.slice_id,
    buckets.rule_id,
    buckets.event_date,
    buckets.visitor_id,
    buckets.event_count,
    buckets.event_ids,
    buckets.event_times
from buckets
left join flagged on buckets.visitor_id = flagged.visitor_id
where flagged.visitor_id is null
