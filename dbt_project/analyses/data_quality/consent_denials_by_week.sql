-- How often is consent denied?
--
-- One row a week (from Monday, UTC), of events that are no bot's. An event without
-- consent is counted and tells of nobody: no visitor, session or person. So sessions,
-- people and conversions are undercounted by about this share, and it cannot be said
-- of how many people. Weeks without events have no share.
with

weeks as (

    select distinct week_start_date
    from {{ ref('dim_dates') }}

),

events as (

    select
        is_consent_denied,
        cast(date_trunc('week', event_at) as date) as week_start_date,
        event_type = 'page' as is_page_view
    from {{ ref('fct_events') }}
    where not is_bot

)

select
    weeks.week_start_date,
    count(events.week_start_date) as event_count,
    count(*) filter (where events.is_consent_denied) as denied_event_count,
    count(*) filter (where events.is_consent_denied)
    / nullif(count(events.week_start_date), 0) as denied_share,
    count(*) filter (where events.is_page_view) as page_view_count,
    count(*) filter (where events.is_page_view and events.is_consent_denied)
        as denied_page_view_count
from weeks
left join events on weeks.week_start_date = events.week_start_date
group by weeks.week_start_date
order by weeks.week_start_date
