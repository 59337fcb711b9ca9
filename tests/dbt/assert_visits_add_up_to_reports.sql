-- A returned row is a report whose sessions are not those that count.
{{ config(tags=['whole_history']) }}

with

counted as (

    select count(*) as session_count
    from {{ ref('fct_sessions') }} as sessions
    inner join {{ ref('dim_people') }} as people
        on sessions.person_id = people.person_id
    where
        not sessions.is_bot
        and sessions.traffic_flag is null
        and people.exclusion_reason is null

),

reported as (

    select
        'fct_campaign_traffic ' || period as report,
        sum(session_count) as session_count
    from {{ ref('fct_campaign_traffic') }}
    where period in ('week', 'month')
    group by period
    union all
    select
        'fct_entry_conversions' as report,
        sum(session_count) as session_count
    from {{ ref('fct_entry_conversions') }}
    union all
    select
        'fct_page_paths' as report,
        sum(session_count) as session_count
    from {{ ref('fct_page_paths') }}

)

select
    reported.report,
    reported.session_count as reported_session_count,
    counted.session_count
from reported
cross join counted
where coalesce(reported.session_count, 0) != counted.session_count
