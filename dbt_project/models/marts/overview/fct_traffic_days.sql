-- One row a day of the recent period or the one before, and a channel that brought
-- somebody to a page: what servers send makes sessions too, but nobody came by them. A
-- person counts under the channel of the first visit of the day, so that channels add
-- up to the day.
with

periods as (

    select * from {{ ref('dim_report_periods') }}

),

visits as (

    select
        periods.period,
        visits.channel,
        visits.is_engaged,
        visits.is_first_of_day,
        visits.visit_date
    from {{ ref('int_visits_counted') }} as visits
    inner join periods
        on visits.visit_date between periods.first_date and periods.last_date
    where visits.has_page

)

select
    period,
    channel,
    visit_date,
    count(*) as session_count,
    count(*) filter (where is_engaged) as engaged_session_count,
    count(*) filter (where is_first_of_day) as people_count
from visits
group by period, channel, visit_date
