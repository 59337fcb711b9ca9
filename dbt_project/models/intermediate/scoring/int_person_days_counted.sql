-- One row a person, rule and UTC day, the union of the buckets of all their slices:
-- what counts of it, what it is worth before decay, and which events they were. Of a
-- touched person all days are written again, with the load of that.
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

people as (

    select * from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

-- what a program does counts for nothing, whatever it did before it gave itself away
slices_counted as (

    select slices.*
    from slices
    inner join people on slices.person_id = people.person_id
    left join flagged on slices.visitor_id = flagged.visitor_id
    where flagged.visitor_id is null

),

buckets as (

    select * from {{ ref('int_buckets_counted') }}
    {%- if is_update() %}
    where slice_id in (select slices_counted.slice_id from slices_counted)
    {%- endif %}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

people_of_several_slices as (

    select person_id
    from slices_counted
    group by person_id
    having count(*) > 1

),

owned as (

    select
        slices_counted.person_id,
        buckets.rule_id,
        buckets.event_date,
        buckets.event_count,
        buckets.event_ids,
        buckets.event_times,
        people_of_several_slices.person_id is not null as is_of_several_slices
    from buckets
    inner join slices_counted on buckets.slice_id = slices_counted.slice_id
    left join people_of_several_slices
        on slices_counted.person_id = people_of_several_slices.person_id

),

-- counts are summed over a person's slices before the cap; of most people there is one
-- slice, and its bucket is their day
counted as (

    select
        person_id,
        rule_id,
        event_date,
        event_count,
        event_ids
    from owned
    where not is_of_several_slices
    union all
    select
        person_id,
        rule_id,
        event_date,
        cast(sum(event_count) as bigint) as event_count,
        {{ lists_merged_in_order('event_ids', 'event_times') }} as event_ids
    from owned
    where is_of_several_slices
    group by
        person_id,
        rule_id,
        event_date

)

select
    counted.person_id,
    counted.rule_id,
    counted.event_ids,
    counted.event_date,
    counted.event_count,
    least(counted.event_count, rules.daily_cap) as counted,
    rules.weight * least(counted.event_count, rules.daily_cap) as day_points,
    {{ this_load() }} as load_id
from counted
inner join rules on counted.rule_id = rules.rule_id
