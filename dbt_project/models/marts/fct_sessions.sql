-- One row a session. Its person is the owner of its last event; fct_session_people says
-- who else was in it.
with

sessions as (

    select * from {{ ref('int_sessions_aggregated') }}

),

channels as (

    select * from {{ ref('int_sessions_channelled') }}

),

slices as (

    select * from {{ ref('int_slices_owned') }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}

),

judged as (

    select
        *,
        (
            duration_seconds >= {{ var('engaged_seconds') }}
            or page_view_count >= {{ var('engaged_page_views') }}
            or has_conversion
        ) as is_engaged
    from sessions

)

select
    judged.session_id,
    judged.visitor_id,
    judged.anonymous_id,
    slices.person_id,
    channels.entry_page_url,
    judged.entry_page_class,
    channels.exit_page_url,
    channels.referrer_url,
    channels.referrer_domain,
    channels.utm_source,
    channels.utm_medium,
    channels.utm_campaign,
    channels.utm_term,
    channels.utm_content,
    channels.click_id_type,
    channels.click_id,
    judged.session_number,
    judged.duration_seconds,
    judged.event_count,
    judged.page_view_count,
    judged.is_engaged,
    judged.is_bot,
    judged.started_at,
    judged.ended_at,
    coalesce(
        flagged.traffic_flag, case when judged.is_internal then 'internal' end
    ) as traffic_flag,
    coalesce(
        flagged.traffic_rule, case when judged.is_internal then 'internal_network' end
    ) as traffic_rule,
    coalesce(channels.channel, 'Unassigned') as channel,
    coalesce(channels.channel_rule, 'no page') as channel_rule,
    case when judged.is_bot then judged.bot_name end as bot_name,
    not judged.is_engaged as is_bounce
from judged
inner join slices on judged.last_slice_id = slices.slice_id
left join channels on judged.session_id = channels.session_id
left join flagged on judged.visitor_id = flagged.visitor_id
