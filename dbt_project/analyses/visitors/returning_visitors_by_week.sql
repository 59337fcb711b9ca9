-- How many visitors come back?
--
-- One row a week (from Monday, UTC). A visitor is a device; it returns in a week if it
-- had a session before that week, and is new otherwise, so `visitors` is the sum of
-- both. Weeks without a visit show zeros. Bots, excluded people, events of servers and
-- everybody who denied consent are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

weeks as (

    select distinct week_start_date
    from {{ ref('dim_dates') }}

),

visitors as (

    select
        sessions.visitor_id,
        cast(date_trunc('week', sessions.started_at) as date) as week_start_date,
        min(sessions.session_number) > 1 as is_returning
    from {{ ref('fct_sessions') }} as sessions
    inner join people on sessions.person_id = people.person_id
    where
        not sessions.is_bot
        and sessions.anonymous_id is not null
    group by
        sessions.visitor_id,
        cast(date_trunc('week', sessions.started_at) as date)

)

select
    weeks.week_start_date,
    count(visitors.visitor_id) as visitors,
    count(*) filter (where not visitors.is_returning) as new_visitors,
    count(*) filter (where visitors.is_returning) as returning_visitors,
    count(*) filter (where visitors.is_returning)
    / nullif(count(visitors.visitor_id), 0) as returning_share
from weeks
left join visitors on weeks.week_start_date = visitors.week_start_date
group by weeks.week_start_date
order by weeks.week_start_date
