-- One row a session that reports count: no program's, from no network of one's own, and
-- of nobody whom something excludes from scores. What a report asks of a person (the
-- first visit, the first of a week or of a campaign's month) stands on the row, so that
-- a report sums rows and asks of nobody twice.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{{ slices_of_touched_cte() }}

people as (

    select
        person_id,
        is_identified
    from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

sessions as (

    select
        sessions.session_id,
        slices.person_id,
        people.is_identified,
        sessions.entry_page_class,
        sessions.has_conversion as is_converting,
        sessions.started_at,
        {{ is_engaged_session() }} as is_engaged
    from {{ ref('int_sessions_aggregated') }} as sessions
    inner join slices on sessions.last_slice_id = slices.slice_id
    inner join people on slices.person_id = people.person_id
    left join flagged on slices.visitor_id = flagged.visitor_id
    where
        not sessions.is_bot
        and not sessions.is_internal
        and flagged.visitor_id is null

),

channels as (

    select * from {{ ref('int_sessions_channelled') }}
    {%- if is_update() %}
    where session_id in (select sessions.session_id from sessions)
    {%- endif %}

),

paths as (

    select * from {{ ref('int_paths_taken') }}
    {%- if is_update() %}
    where session_id in (select sessions.session_id from sessions)
    {%- endif %}

),

visits as (

    select
        sessions.session_id,
        sessions.person_id,
        coalesce(channels.channel, 'Unassigned') as channel,
        coalesce(channels.source, '(not set)') as source,
        coalesce(channels.medium, '(not set)') as medium,
        coalesce(channels.campaign, '(not set)') as campaign,
        coalesce(sessions.entry_page_class, '(no page)') as entry_page_class,
        coalesce(paths.page_path, '(no page)') as page_path,
        sessions.is_identified,
        sessions.is_engaged,
        sessions.is_converting,
        channels.session_id is not null as has_page,
        cast(sessions.started_at as date) as visit_date,
        {{ week_of('sessions.started_at') }} as visit_week,
        {{ month_of('sessions.started_at') }} as visit_month,
        sessions.started_at
    from sessions
    left join channels on sessions.session_id = channels.session_id
    left join paths on sessions.session_id = paths.session_id

)

-- visits are in order of time, and so are their weeks and months; a session that saw no
-- page came by no channel
select
    visits.session_id,
    visits.person_id,
    visits.channel,
    visits.source,
    visits.medium,
    visits.campaign,
    visits.entry_page_class,
    visits.page_path,
    visits.is_identified,
    visits.is_engaged,
    visits.is_converting,
    visits.has_page,
    visits.visit_date,
    visits.visit_week,
    visits.visit_month,
    visits.started_at,
    coalesce(
        first_value(case when visits.has_page then visits.channel end ignore nulls)
            over all_visits,
        'Unassigned'
    ) as first_channel,
    first_value(visits.visit_week) over own_visits as cohort_week,
    row_number() over own_visits as visit_number,
    visits.has_page
    and (
        lag(visits.visit_date) over visits_alike is distinct from visits.visit_date
    ) as is_first_of_day,
    (
        lag(visits.visit_week) over own_visits is distinct from visits.visit_week
    ) as is_first_of_week,
    (
        lag(visits.visit_week) over by_campaign is distinct from visits.visit_week
    ) as is_first_of_campaign_week,
    (
        lag(visits.visit_month) over by_campaign is distinct from visits.visit_month
    ) as is_first_of_campaign_month
from visits
window
    own_visits as (
        partition by visits.person_id
        order by visits.started_at, visits.session_id
    ),
    visits_alike as (
        partition by visits.person_id, visits.has_page
        order by visits.started_at, visits.session_id
    ),
    all_visits as (
        partition by visits.person_id
        order by visits.started_at, visits.session_id
        rows between unbounded preceding and unbounded following
    ),
    by_campaign as (
        partition by
            visits.person_id, visits.channel, visits.source, visits.medium,
            visits.campaign
        order by visits.started_at, visits.session_id
    )
