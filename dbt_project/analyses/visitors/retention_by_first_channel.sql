-- Which channels bring people who come again?
--
-- One row a first channel and week since the first visit, up to the eighth:
-- `retention_rate` is the share of the people of all cohorts that are old enough who
-- had a session in that week. A week counts when it is over, so the one of the as-of
-- date and the cohorts that are only now in it are left out.
with

cohorts as (

    select * from {{ ref('fct_cohort_weeks') }}

),

newest as (

    select max(cohort_week + weeks_since * interval 7 day) as newest_week from cohorts

)

select
    cohorts.first_channel,
    cohorts.weeks_since,
    cast(sum(cohorts.cohort_people_count) as bigint) as cohort_people_count,
    cast(sum(cohorts.people_count) as bigint) as people_count,
    sum(cohorts.people_count) / sum(cohorts.cohort_people_count) as retention_rate
from cohorts
inner join newest
    on cohorts.cohort_week + cohorts.weeks_since * interval 7 day < newest.newest_week
where cohorts.weeks_since <= 8
group by
    cohorts.first_channel,
    cohorts.weeks_since
order by
    cohorts.first_channel asc,
    cohorts.weeks_since asc
