-- One row a month and path: the most frequent of each month, and all others as one, so
-- that the visits of a month add up.
with

visits as (

    select * from {{ ref('int_visits_counted') }}

),

counted as (

    select
        page_path,
        visit_month,
        count(*) as session_count,
        count(*) filter (where is_engaged) as engaged_session_count,
        count(*) filter (where is_converting) as converting_session_count
    from visits
    group by page_path, visit_month

),

ranked as (

    select
        *,
        row_number() over (
            partition by visit_month
            order by session_count desc, page_path asc
        ) as path_rank
    from counted

),

named as (

    select
        *,
        path_rank > {{ var('paths_a_month') }} as is_rest,
        case
            when path_rank > {{ var('paths_a_month') }} then '(all other paths)'
            else page_path
        end as shown_path
    from ranked

)

select
    shown_path as page_path,
    is_rest,
    visit_month as month_start,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(engaged_session_count) as bigint) as engaged_session_count,
    cast(sum(converting_session_count) as bigint) as converting_session_count,
    count(*) as path_count
from named
group by
    visit_month,
    is_rest,
    shown_path
