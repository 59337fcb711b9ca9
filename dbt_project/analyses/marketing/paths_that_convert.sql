-- Which ways through the site convert, and which do not?
--
-- One row a path of page classes over the last three months that the log has, the most
-- frequent first, with the share of its sessions that converted. A class that stays is
-- written once, and a path of more than five steps ends in `…`. Of each month the 100
-- most frequent paths stand for themselves; the others are one row.
with

paths as (

    select * from {{ ref('fct_page_paths') }}

),

newest as (

    select max(month_start) as newest_month from paths

)

select
    paths.page_path,
    cast(sum(paths.session_count) as bigint) as session_count,
    cast(sum(paths.converting_session_count) as bigint) as converting_session_count,
    sum(paths.converting_session_count) / sum(paths.session_count) as converting_rate
from paths
inner join newest
    on paths.month_start > newest.newest_month - interval 3 month
group by paths.page_path
order by
    session_count desc,
    paths.page_path asc
limit 30
