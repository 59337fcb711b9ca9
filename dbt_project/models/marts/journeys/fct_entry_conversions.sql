-- One row a month and class of entry page: the visits that began there, those that
-- converted then and there, and the conversions that such a visit was the first step
-- to.
with

visits as {{ read_each_time() }} (

    select * from {{ ref('int_visits_counted') }}

),

first_touches as (

    select
        session_id,
        person_id
    from {{ ref('fct_touchpoints') }}
    where position = 1

),

entered as (

    select
        entry_page_class,
        visit_month,
        count(*) as session_count,
        count(*) filter (where is_engaged) as engaged_session_count,
        count(*) filter (where is_converting) as converting_session_count
    from visits
    group by entry_page_class, visit_month

),

led as (

    select
        visits.entry_page_class,
        visits.visit_month,
        count(*) as led_conversion_count,
        count(distinct first_touches.person_id) as led_people_count
    from first_touches
    inner join visits on first_touches.session_id = visits.session_id
    group by visits.entry_page_class, visits.visit_month

)

select
    entered.entry_page_class,
    entered.session_count,
    entered.engaged_session_count,
    entered.converting_session_count,
    entered.visit_month as month_start,
    coalesce(led.led_conversion_count, 0) as led_conversion_count,
    coalesce(led.led_people_count, 0) as led_people_count
from entered
left join led
    on
        entered.entry_page_class = led.entry_page_class
        and entered.visit_month = led.visit_month
