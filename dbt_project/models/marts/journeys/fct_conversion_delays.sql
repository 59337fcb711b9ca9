-- One row a first channel, measure and step: how many people converted for the first
-- time so many days after their first visit, or with so many sessions.
with

conversions as (

    select * from {{ ref('fct_first_conversions') }}
    where session_count > 0

),

measured as (

    select
        first_channel,
        'days' as measure,
        days_to_convert as step
    from conversions
    union all
    select
        first_channel,
        'sessions' as measure,
        session_count as step
    from conversions

),

counted as (

    select
        first_channel,
        measure,
        step,
        count(*) as people_count
    from measured
    group by first_channel, measure, step

),

summed as (

    select
        *,
        cast(sum(people_count) over (
            partition by first_channel, measure
            order by step
            rows between unbounded preceding and current row
        ) as bigint) as people_count_until,
        cast(sum(people_count) over (
            partition by first_channel, measure
        ) as bigint) as channel_people_count
    from counted

)

select
    first_channel,
    measure,
    step,
    people_count,
    people_count_until,
    channel_people_count,
    cast(people_count_until as double) / channel_people_count as share_until
from summed
