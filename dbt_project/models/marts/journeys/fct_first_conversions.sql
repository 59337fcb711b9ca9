-- One row a person who converted: the first conversion, and how long it took from the
-- first visit that saw a page. Null where none came before: a server's events make
-- sessions too, but nobody came to the site by them.
with

conversions as (

    select * from {{ ref('fct_conversions') }}
    qualify row_number() over (
        partition by person_id
        order by converted_at, conversion_id
    ) = 1

),

visits as (

    select * from {{ ref('int_visits_counted') }}
    where
        person_id in (select conversions.person_id from conversions)
        and entry_page_class != '(no page)'

),

led as (

    select
        conversions.person_id,
        min(visits.first_channel) as first_channel,
        count(*) as session_count,
        min(visits.started_at) as first_visit_at
    from conversions
    inner join visits
        on
            conversions.person_id = visits.person_id
            and conversions.converted_at >= visits.started_at
    group by conversions.person_id

)

select
    conversions.person_id,
    conversions.conversion_id,
    conversions.event_name,
    led.first_channel,
    coalesce(led.session_count, 0) as session_count,
    {{ days_between(
        'cast(led.first_visit_at as date)', 'cast(conversions.converted_at as date)'
    ) }} as days_to_convert,
    led.first_visit_at,
    conversions.converted_at
from conversions
left join led on conversions.person_id = led.person_id
