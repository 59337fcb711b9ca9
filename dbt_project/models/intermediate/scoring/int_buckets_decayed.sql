-- One row a person, rule, day and date of scoring (as-of, and the days before that the
-- change is measured from): what the day is worth at the rule's last counted day.
with

buckets as (

    select * from {{ ref('int_buckets_unflagged') }}

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

),

people as (

    select * from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

scoring_dates as (

    select
        as_of_date,
        true as is_current
    from settings
    union all
    select
        {{ days_before('as_of_date', var('score_change_days')) }} as as_of_date,
        false as is_current
    from settings

),

-- counts are summed over a person's slices before the cap
person_days as (

    select
        slices.person_id,
        buckets.rule_id,
        buckets.event_date,
        cast(sum(buckets.event_count) as bigint) as event_count
    from buckets
    inner join slices on buckets.slice_id = slices.slice_id
    inner join people on slices.person_id = people.person_id
    group by all

),

capped as (

    select
        scoring_dates.as_of_date,
        scoring_dates.is_current,
        person_days.person_id,
        person_days.rule_id,
        person_days.event_date,
        person_days.event_count,
        rules.half_life_days,
        least(person_days.event_count, rules.daily_cap) as counted,
        rules.weight * least(person_days.event_count, rules.daily_cap) as points,
        max(person_days.event_date) over (
            partition by
                scoring_dates.as_of_date, person_days.person_id, person_days.rule_id
        ) as last_date
    from person_days
    inner join scoring_dates on person_days.event_date <= scoring_dates.as_of_date
    inner join rules on person_days.rule_id = rules.rule_id

)

select
    as_of_date,
    is_current,
    person_id,
    rule_id,
    event_date,
    last_date,
    event_count,
    counted,
    {{ fixed_point('points') }} as points,
    {{ fixed_point(
        'points * ' ~ half_life_decay(
            days_between('event_date', 'last_date'), 'half_life_days'
        )
    ) }} as points_at_last_date
from capped
