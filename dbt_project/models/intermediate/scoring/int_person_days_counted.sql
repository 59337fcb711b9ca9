-- One row a person, rule and UTC day, the union of the buckets of all their slices:
-- what counts of it, what it is worth before decay, and which events they were.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{% if is_update() -%}
{{ touched_cte() }}
{% endif %}

slices as (

    select slices.*
    from {{ ref('int_slices_owned') }} as slices
    inner join {{ ref('int_people_summarised') }} as people
        on slices.person_id = people.person_id
    where
        not slices.is_gone
        and people.exclusion_reason is null
        {%- if is_update() %}
        and slices.person_id in (select touched.person_id from touched)
        {%- endif %}

),

buckets as (

    select * from {{ ref('int_buckets_unflagged') }}
    {%- if is_update() %}
    where slice_id in (select slices.slice_id from slices)
    {%- endif %}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

-- counts are summed over a person's slices before the cap
counted as (

    select
        slices.person_id,
        buckets.rule_id,
        buckets.event_date,
        cast(sum(buckets.event_count) as bigint) as event_count,
        {{ lists_merged_in_order('buckets.event_ids', 'buckets.event_times') }}
            as event_ids
    from buckets
    inner join slices on buckets.slice_id = slices.slice_id
    group by
        slices.person_id,
        buckets.rule_id,
        buckets.event_date

)

select
    counted.person_id,
    counted.rule_id,
    counted.event_ids,
    counted.event_date,
    counted.event_count,
    least(counted.event_count, rules.daily_cap) as counted,
    rules.weight * least(counted.event_count, rules.daily_cap) as day_points
from counted
inner join rules on counted.rule_id = rules.rule_id
