-- One row a session that saw a page: the classes of its pages in order, a class that
-- stays written once, and of a long path its first steps.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='session_id',
        counted_from='int_events_placed'
    )
}}

with

{% if is_update() -%}
{{ touched_sessions_cte() }}
{% endif %}

pages as (

    select
        placed.session_id,
        placed.session_position,
        placed.page_class
    from {{ ref('int_events_placed') }} as placed
    {% if is_update() -%}
    inner join touched
        on
            placed.session_date = touched.session_date
            and placed.session_id = touched.session_id
    {% endif -%}
    where
        placed.session_id is not null
        and placed.page_class is not null
        and not placed.is_gone

),

-- most sessions see pages of one class, and need no order
sessions as (

    select
        session_id,
        min(page_class) as least_class,
        max(page_class) as greatest_class
    from pages
    group by session_id

),

ordered as (

    select
        pages.session_id,
        pages.session_position,
        pages.page_class,
        lag(pages.page_class) over (
            partition by pages.session_id order by pages.session_position
        ) as class_before
    from pages
    inner join sessions
        on
            pages.session_id = sessions.session_id
            and sessions.least_class != sessions.greatest_class

),

steps as (

    select
        session_id,
        page_class,
        row_number() over (
            partition by session_id order by session_position
        ) as step
    from ordered
    where class_before is distinct from page_class

),

first_steps as (

    select
        session_id,
        step,
        case when step > {{ var('path_steps') }} then '…' else page_class end
            as page_class
    from steps
    where step <= {{ var('path_steps') }} + 1

)

select
    session_id,
    least_class as page_path
from sessions
where least_class = greatest_class
union all
select
    session_id,
    {{ joined_in_order('page_class', "' > '", 'step') }} as page_path
from first_steps
group by session_id
