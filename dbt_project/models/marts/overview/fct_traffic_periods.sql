-- One row a period (the recent days, and as many before) and a channel: the people who
-- came to a page in it, each under the channel of the first visit of the period, and
-- how many of them got how far. Each step counts some of those of the step before it,
-- but for who converted: of all, since many are not known or no longer warm.
with

periods as (

    select * from {{ ref('dim_report_periods') }}

),

ready_people as (

    select scores.person_id
    from {{ ref('int_people_scored') }} as scores
    inner join {{ ref('alert_bands') }} as alert_bands
        on scores.intent_band = alert_bands.band

),

converted_people as (

    select distinct
        conversions.person_id,
        periods.period
    from {{ ref('fct_conversions') }} as conversions
    inner join periods
        on
            cast(conversions.converted_at as date)
            between periods.first_date and periods.last_date

),

people as (

    select
        visits.person_id,
        periods.period,
        min_by(visits.channel, visits.visit_number) as channel,
        bool_or(visits.is_engaged) as is_engaged,
        bool_or(visits.is_identified) as is_identified
    from {{ ref('int_visits_counted') }} as visits
    inner join periods
        on visits.visit_date between periods.first_date and periods.last_date
    where visits.has_page
    group by visits.person_id, periods.period

),

judged as (

    select
        people.period,
        people.channel,
        people.is_engaged,
        people.is_engaged and people.is_identified as is_identified,
        people.is_engaged
        and people.is_identified
        and ready_people.person_id is not null as is_ready,
        converted_people.person_id is not null as is_converted
    from people
    left join ready_people on people.person_id = ready_people.person_id
    left join converted_people
        on
            people.person_id = converted_people.person_id
            and people.period = converted_people.period

)

select
    period,
    channel,
    count(*) as people_count,
    count(*) filter (where is_engaged) as engaged_people_count,
    count(*) filter (where is_identified) as identified_people_count,
    count(*) filter (where is_ready) as ready_people_count,
    count(*) filter (where is_converted) as converted_people_count
from judged
group by period, channel
