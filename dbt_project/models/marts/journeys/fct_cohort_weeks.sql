-- One row a cohort (the people of a channel whose first visit was in a week) and week
-- since, up to that of the as-of date: how many of them were seen again.
with

visits as (

    select * from {{ ref('int_visits_counted') }}
    where is_first_of_week

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

seen as (

    select
        cohort_week,
        first_channel,
        cast({{ days_between('cohort_week', 'visit_week') }} / 7 as integer)
            as weeks_since,
        count(*) as people_count
    from visits
    group by cohort_week, first_channel, visit_week

),

cohorts as (

    select
        cohort_week,
        first_channel,
        people_count as cohort_people_count
    from seen
    where weeks_since = 0

),

-- a week in which nobody came again is a row as well
weeks as (

    select
        cohorts.cohort_week,
        cohorts.first_channel,
        cohorts.cohort_people_count,
        {{ rows_of(numbers_to(
            "least(" ~ var('cohort_weeks') ~ ", greatest(0, cast("
            ~ days_between('cohorts.cohort_week', week_of('settings.as_of_date'))
            ~ " / 7 as integer)))"
        )) }} as weeks_since
    from cohorts
    cross join settings

)

select
    weeks.first_channel,
    weeks.cohort_people_count,
    weeks.cohort_week,
    cast(weeks.weeks_since as integer) as weeks_since,
    coalesce(seen.people_count, 0) as people_count,
    cast(coalesce(seen.people_count, 0) as double) / weeks.cohort_people_count
        as retention
from weeks
left join seen
    on
        weeks.cohort_week = seen.cohort_week
        and weeks.first_channel = seen.first_channel
        and weeks.weeks_since = seen.weeks_since
