-- One row a device and UTC day that a rule of traffic may speak of: what programs show
-- themselves by. Bots known by their agent are left out, and so is what no browser
-- sent: a server sends at exact intervals and means nothing by it. A day is measured by
-- itself, so that an event, however late, touches one row.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['visitor_id', 'event_date'],
        counted_from='int_events_prepared'
    )
}}
{%- set seconds_before %}
            partition by visitor_id, event_date order by opened_at_microseconds
            range between
            {{ traffic_frame('scanned_links', 'seconds', times=1000000) }} preceding
            and current row
{%- endset %}

with

{% if is_update() -%}
touched as (

    select distinct
        visitor_id,
        event_date
    from {{ ref('int_events_prepared') }}
    where
        load_id > {{ mark_of(this) }}
        and has_device

),

-- they lie in the order of their days: of others nothing is read
events_of_days as {{ computed_first() }} (

    select * from {{ ref('int_events_prepared') }}
    where event_date in ({{ few_of('event_date', 'touched') }})

),
{% endif %}

events as (

    select events.*
    {% if is_update() -%}
    from events_of_days as events
    inner join touched
        on
            events.event_date = touched.event_date
            and events.visitor_id = touched.visitor_id
    {% else -%}
    from {{ ref('int_events_prepared') }} as events
    {% endif -%}
    where not events.is_gone

),

views as (

    select
        visitor_id,
        event_id,
        page_path,
        is_spam_referred,
        is_mail_landing,
        is_scanner_agent,
        event_at,
        event_date
    from events
    where
        event_type = 'page'
        and has_device
        and not is_bot

),

days as (

    select
        visitor_id,
        event_date,
        count(*) as view_count,
        count(*) filter (where is_spam_referred) as spam_view_count,
        count(*) filter (where is_mail_landing) as mail_landing_count,
        count(*) filter (where is_scanner_agent) as scanner_view_count
    from views
    group by visitor_id, event_date

),

-- no rule of behaviour holds on a shorter day: only these are sorted
long_days as (

    select
        visitor_id,
        event_date
    from days
    where
        view_count >= least(
            {{ traffic_threshold('sustained_rate', 'views') }},
            {{ traffic_threshold('no_pause', 'views') }},
            {{ traffic_threshold('many_pages', 'pages') }},
            {{ traffic_threshold('exact_intervals', 'gaps') }}
        )

),

long_timelines as (

    select
        views.visitor_id,
        views.event_date,
        views.event_id,
        views.page_path,
        views.event_at,
        {{ microseconds('views.event_at') }}
        - {{ microseconds('lag(views.event_at) over day_timeline') }}
            as microseconds_since_previous
    from views
    inner join long_days
        on
            views.visitor_id = long_days.visitor_id
            and views.event_date = long_days.event_date
    window
        day_timeline as (
            partition by views.visitor_id, views.event_date
            order by views.event_at, views.event_id
        )

),

minutes as (

    select
        visitor_id,
        event_date,
        date_trunc('minute', event_at) as minute_at
    from long_timelines
    group by visitor_id, event_date, date_trunc('minute', event_at)
    having count(*) >= {{ traffic_threshold('sustained_rate', 'views') }}

),

busy_minutes as (

    select
        visitor_id,
        event_date,
        count(*) as busy_minute_count
    from minutes
    group by visitor_id, event_date

),

numbered_stretches as (

    select
        visitor_id,
        event_date,
        count(*) filter (
            where
            microseconds_since_previous
            > {{ traffic_threshold('no_pause', 'seconds') }} * 1000000
        ) over (
            partition by visitor_id, event_date order by event_at, event_id
            rows between unbounded preceding and current row
        ) as stretch_number
    from long_timelines

),

stretches as (

    select
        visitor_id,
        event_date,
        stretch_number,
        count(*) as view_count
    from numbered_stretches
    group by visitor_id, event_date, stretch_number

),

longest_stretches as (

    select
        visitor_id,
        event_date,
        max(view_count) as longest_stretch
    from stretches
    group by visitor_id, event_date

),

hours as (

    select
        visitor_id,
        event_date,
        count(distinct page_path) as page_count
    from long_timelines
    group by visitor_id, event_date, date_trunc('hour', event_at)

),

fullest_hours as (

    select
        visitor_id,
        event_date,
        max(page_count) as most_pages_an_hour
    from hours
    group by visitor_id, event_date

),

-- a gap to the nearest second: an access log knows no less
gaps as (

    select
        visitor_id,
        event_date,
        cast(floor((microseconds_since_previous + 500000) / 1000000) as bigint)
            as gap_seconds,
        count(*) as gap_count
    from long_timelines
    where microseconds_since_previous is not null
    group by visitor_id, event_date, gap_seconds

),

gaps_alike as (

    select
        visitor_id,
        event_date,
        gap_seconds,
        gap_count,
        sum(gap_count) over (
            partition by visitor_id, event_date order by gap_seconds
            range between current row and
            {{ traffic_frame('exact_intervals', 'spread_seconds') }} following
        ) as like_gap_count
    from gaps

),

intervals as (

    select
        visitor_id,
        event_date,
        sum(gap_count) as gap_count,
        max(like_gap_count) filter (
            where
            gap_seconds
            >= {{ traffic_threshold('exact_intervals', 'shortest_seconds') }}
        ) as like_gap_count
    from gaps_alike
    group by visitor_id, event_date

),

openings as (

    select
        visitor_id,
        event_date,
        page_path,
        {{ microseconds('event_at') }} as opened_at_microseconds
    from views
    where is_mail_landing

),

-- a page counts once, however often it was opened, and whenever before
openings_at_once as (

    select
        visitor_id,
        event_date,
        {{ count_distinct_over('page_path', seconds_before) }} as link_count
    from openings

),

most_openings as (

    select
        visitor_id,
        event_date,
        max(link_count) as most_links_at_once
    from openings_at_once
    group by visitor_id, event_date

)

select
    days.visitor_id,
    days.event_date,
    days.view_count,
    days.spam_view_count,
    days.mail_landing_count,
    days.scanner_view_count,
    cast(coalesce(intervals.gap_count, 0) as bigint) as gap_count,
    cast(coalesce(intervals.like_gap_count, 0) as bigint) as like_gap_count,
    coalesce(most_openings.most_links_at_once, 0) as most_links_at_once,
    coalesce(busy_minutes.busy_minute_count, 0) as busy_minute_count,
    coalesce(longest_stretches.longest_stretch, 0) as longest_stretch,
    coalesce(fullest_hours.most_pages_an_hour, 0) as most_pages_an_hour
from days
left join most_openings
    on
        days.visitor_id = most_openings.visitor_id
        and days.event_date = most_openings.event_date
left join busy_minutes
    on
        days.visitor_id = busy_minutes.visitor_id
        and days.event_date = busy_minutes.event_date
left join longest_stretches
    on
        days.visitor_id = longest_stretches.visitor_id
        and days.event_date = longest_stretches.event_date
left join fullest_hours
    on
        days.visitor_id = fullest_hours.visitor_id
        and days.event_date = fullest_hours.event_date
left join intervals
    on
        days.visitor_id = intervals.visitor_id
        and days.event_date = intervals.event_date
where
    longest_stretches.longest_stretch is not null
    or days.spam_view_count > 0
    or days.mail_landing_count > 0
    or days.scanner_view_count > 0
