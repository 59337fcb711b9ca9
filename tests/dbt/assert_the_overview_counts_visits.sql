-- A returned row is a number of sessions that the overview tells and that is not the
-- number of recent visits.
{{ config(tags=['whole_history']) }}

with

told as (

    select cast(sum(current_value) as bigint) as session_count
    from {{ ref('rpt_overview_figures') }}
    where figure = 'sessions'

),

visits as (

    select count(*) as session_count
    from {{ ref('fct_sessions') }} as sessions
    inner join {{ ref('dim_people') }} as people
        on sessions.person_id = people.person_id
    inner join {{ ref('dim_report_periods') }} as periods
        on
            cast(sessions.started_at as date)
            between periods.first_date and periods.last_date
    where
        {{ is_visit('sessions') | indent(8) }}
        and people.exclusion_reason is null
        and periods.period = 'recent'

)

select
    told.session_count as told_session_count,
    visits.session_count
from told
cross join visits
where coalesce(told.session_count, 0) != visits.session_count
