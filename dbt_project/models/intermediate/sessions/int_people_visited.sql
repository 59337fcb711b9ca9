-- One row a person with a session: how many, and by which channels the first and the
-- latest of them came.
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

sessions as (

    select
        slices.person_id,
        sessions.session_id,
        sessions.started_at
    from {{ ref('int_sessions_aggregated') }} as sessions
    inner join slices on sessions.last_slice_id = slices.slice_id

),

visits as (

    select
        sessions.person_id,
        channels.channel,
        channels.session_id is not null as has_page,
        row_number() over (
            partition by sessions.person_id
            order by sessions.started_at, sessions.session_id
        ) as visit_number
    from sessions
    left join {{ ref('int_sessions_channelled') }} as channels
        on sessions.session_id = channels.session_id

)

select
    person_id,
    count(*) as session_count,
    -- a session that saw no page came by no channel
    min_by(channel, visit_number) filter (where has_page) as first_channel,
    max_by(channel, visit_number) filter (where has_page) as latest_channel
from visits
group by person_id
