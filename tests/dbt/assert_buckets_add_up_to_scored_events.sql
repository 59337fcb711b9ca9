-- A returned row is a rule whose buckets hold more or fewer events than fct_events has
-- for it, of somebody, no bot's and of no flagged visitor.
{{ config(tags=['whole_history']) }}

with

slices as (

    select all_slices.slice_id
    from {{ ref('int_slices_owned') }} as all_slices
    left join {{ ref('int_visitors_flagged') }} as flagged
        on
            not flagged.is_gone
            and all_slices.visitor_id = flagged.visitor_id
    where
        not all_slices.is_gone
        and flagged.visitor_id is null

),

buckets as (

    select
        buckets.rule_id,
        sum(buckets.event_count) as bucket_count
    from {{ ref('int_buckets_counted') }} as buckets
    inner join slices on buckets.slice_id = slices.slice_id
    group by buckets.rule_id

),

events as (

    select
        rule_id,
        count(*) as event_count
    from {{ ref('fct_events') }}
    where
        rule_id is not null
        and person_id is not null
        and not is_bot
        and traffic_flag is null
    group by rule_id

)

select
    events.event_count,
    buckets.bucket_count,
    coalesce(events.rule_id, buckets.rule_id) as rule_id
from events
full outer join buckets on events.rule_id = buckets.rule_id
where events.event_count is distinct from buckets.bucket_count
