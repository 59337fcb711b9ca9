-- One row a day, without a gap, from the first event to the last one or the as-of date,
-- whichever is later: a day or week on which nothing happened has its row too. No
-- calendar of fixed length, since no model reads the clock.
with

known_dates as (

    select cast(min(event_at) as date) as known_date
    from {{ ref('fct_events') }}
    union all
    select cast(max(event_at) as date) as known_date
    from {{ ref('fct_events') }}
    union all
    select as_of_date as known_date
    from {{ ref('int_rulesets_dated') }}

),

span as (

    select
        min(known_date) as first_date,
        max(known_date) as last_date
    from known_dates

),

days as (

    select {{ rows_of(days_from('first_date', 'last_date')) }} as started_at
    from span

),

dated as (

    select
        cast(started_at as date) as calendar_date,
        cast(date_trunc('week', started_at) as date) as week_start_date,
        cast(date_trunc('month', started_at) as date) as month_start_date
    from days

)

select
    calendar_date,
    week_start_date,
    month_start_date,
    {{ days_between('week_start_date', 'calendar_date') }} >= 5 as is_weekend
from dated
