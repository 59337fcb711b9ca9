-- A returned row is a session, a person in a session, or a person whose count is not
-- that of its events in fct_events, or that one side lacks.
{{ config(tags=['whole_history']) }}

with

counted as (

    select
        session_id,
        person_id,
        count(*) as event_count
    from {{ ref('fct_events') }}
    group by session_id, person_id

),

from_events as (

    select
        'session' as counted_by,
        session_id,
        cast(null as {{ id_type() }}) as person_id,
        sum(event_count) as event_count
    from counted
    where session_id is not null
    group by session_id
    union all
    select
        'person in session' as counted_by,
        session_id,
        person_id,
        event_count
    from counted
    where session_id is not null
    union all
    select
        'person' as counted_by,
        cast(null as {{ id_type() }}) as session_id,
        person_id,
        sum(event_count) as event_count
    from counted
    where person_id is not null
    group by person_id

),

told as (

    select
        'session' as counted_by,
        session_id,
        cast(null as {{ id_type() }}) as person_id,
        event_count
    from {{ ref('fct_sessions') }}
    union all
    select
        'person in session' as counted_by,
        session_id,
        person_id,
        event_count
    from {{ ref('fct_session_people') }}
    union all
    select
        'person' as counted_by,
        cast(null as {{ id_type() }}) as session_id,
        person_id,
        event_count
    from {{ ref('dim_people') }}

),

compared as (

    select
        told.event_count as told_count,
        from_events.event_count,
        coalesce(told.counted_by, from_events.counted_by) as counted_by,
        coalesce(told.session_id, from_events.session_id) as session_id,
        coalesce(told.person_id, from_events.person_id) as person_id
    from told
    full outer join from_events
        on
            told.counted_by = from_events.counted_by
            and told.session_id is not distinct from from_events.session_id
            and told.person_id is not distinct from from_events.person_id

)

select *
from compared
where told_count is distinct from event_count
