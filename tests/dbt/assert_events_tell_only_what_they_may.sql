-- A returned row is an event that breaks a rule of fct_events, and which one. All of
-- them are looked at in one pass.
{{ config(tags=['whole_history']) }}

with

judged as (

    select
        event_id,
        case
            when
                is_consent_denied
                and coalesce(visitor_id, anonymous_id, user_id, email) is not null
                then 'names someone though consent is denied'
            when
                visitor_id is null
                and (
                    session_id is not null
                    or person_id is not null
                    or coalesce(anonymous_id, user_id, email) is not null
                )
                then 'is of nobody and yet tells whose it is'
            when visitor_id is not null and person_id is null
                then 'has a visitor and no person'
            when event_type in ('group', 'alias') and session_id is not null
                then 'is a group or alias call in a session'
            when
                event_type not in ('group', 'alias')
                and visitor_id is not null
                and session_id is null
                then 'has a visitor and no session'
            when (page_url is null) != (page_class is null)
                then 'has a page without a class, or a class without a page'
            when
                event_type not in (
                    'page', 'track', 'identify', 'screen', 'group', 'alias'
                )
                then 'is of an unknown type'
        end as broken_rule
    from {{ ref('fct_events') }}

)

select *
from judged
where broken_rule is not null
