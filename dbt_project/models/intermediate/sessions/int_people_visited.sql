-- One row a person with a session: how many, and by which channels the first and the
-- latest visit among them came. A visit is what attribution and reports take for one
-- (is_visit): by a program, or from a network of one's own, nobody comes.
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

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

sessions as (

    select
        slices.person_id,
        sessions.session_id,
        sessions.started_at,
        (
            sessions.is_bot
            or sessions.is_internal
            or flagged.visitor_id is not null
        ) as is_nobodys
    from {{ ref('int_sessions_aggregated') }} as sessions
    inner join slices on sessions.last_slice_id = slices.slice_id
    left join flagged on slices.visitor_id = flagged.visitor_id

),

visits as (

    select
        sessions.person_id,
        channels.channel,
        -- a session that saw no page came by no channel
        channels.session_id is not null and not sessions.is_nobodys as is_visit,
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
    min_by(channel, visit_number) filter (where is_visit) as first_channel,
    max_by(channel, visit_number) filter (where is_visit) as latest_channel
from visits
group by person_id
