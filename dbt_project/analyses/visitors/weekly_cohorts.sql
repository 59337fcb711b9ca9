-- Of the people who came first in a week, how many are still coming?
--
-- One row a week of the first visit to the site and a number of weeks later, up to 12:
-- `active_share` is the share of that week's new people who came then. Only whole
-- weeks up to the as-of date are shown, so that the last is not low for being short;
-- the first week of a log holds people who were there before it. Bots and excluded
-- people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

as_of as (

    select max(as_of_date) as as_of_date
    from {{ ref('dim_people') }}

),

weeks as (

    select distinct dates.week_start_date
    from {{ ref('dim_dates') }} as dates
    inner join as_of
        on dates.week_start_date <= {{ days_before('as_of.as_of_date', 6) }}

),

visits as (

    select distinct
        sessions.person_id,
        cast(date_trunc('week', sessions.started_at) as date) as week_start_date
    from {{ ref('fct_sessions') }} as sessions
    inner join people on sessions.person_id = people.person_id
    where
        not sessions.is_bot
        and sessions.anonymous_id is not null

),

first_visits as (

    select
        person_id,
        min(week_start_date) as cohort_week
    from visits
    group by person_id

),

cohorts as (

    select
        cohort_week,
        count(*) as people
    from first_visits
    group by cohort_week

),

activity as (

    select
        first_visits.cohort_week,
        visits.week_start_date,
        count(*) as active_people
    from first_visits
    inner join visits on first_visits.person_id = visits.person_id
    group by
        first_visits.cohort_week,
        visits.week_start_date

),

cells as (

    select
        cohorts.cohort_week,
        cohorts.people,
        weeks.week_start_date,
        cast(
            {{ days_between('cohorts.cohort_week', 'weeks.week_start_date') }} / 7
            as integer
        ) as weeks_later
    from cohorts
    inner join weeks on cohorts.cohort_week <= weeks.week_start_date

)

select
    cells.cohort_week,
    cells.weeks_later,
    cells.people,
    coalesce(activity.active_people, 0) as active_people,
    coalesce(activity.active_people, 0) / cells.people as active_share
from cells
left join activity
    on
        cells.cohort_week = activity.cohort_week
        and cells.week_start_date = activity.week_start_date
where cells.weeks_later <= 12
order by
    cells.cohort_week asc,
    cells.weeks_later asc
