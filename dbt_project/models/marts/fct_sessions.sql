-- One row a session. Its person is the owner of its last event; fct_session_people says
-- who else was in it. A session is written again when its events have changed, when an
-- earlier one of the visitor came or went, and when its last slice changed hands or its
-- visitor turned out to be a program.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='session_id',
        alive_column='visitor_id',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
changed as (

    select distinct
        session_id,
        visitor_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and session_id is not null

),

touched_visitors as {{ computed_first() }} (

    select visitor_id from changed
    union
    select visitor_id from {{ ref('int_visitors_flagged') }}
    where load_id > {{ mark_of(this) }}
    union
    select visitor_id from {{ ref('int_slices_owned') }}
    where load_id > {{ mark_of(this) }}

),
{% endif %}

sessions as {{ computed_first() if is_update() }} (

    select * from {{ ref('int_sessions_aggregated') }}
    {%- if is_update() %}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)
    {%- endif %}

),

channels as (

    select * from {{ ref('int_sessions_channelled') }}
    {%- if is_update() %}
    where session_id in (select sessions.session_id from sessions)
    {%- endif %}

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where
        not is_gone
        {%- if is_update() %}
        and slice_id in ({{ few_of('last_slice_id', 'sessions') }})
        {%- endif %}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

judged as (

    select
        *,
        row_number() over (
            partition by visitor_id order by started_at, first_event_id
        ) as session_number,
        {{ is_engaged_session() | indent(8) }} as is_engaged
    from sessions

),

written as (

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
            flagged.traffic_rule,
            case when judged.is_internal then 'internal_network' end
        ) as traffic_rule,
        coalesce(channels.channel, 'Unassigned') as channel,
        coalesce(channels.channel_rule, 'no page') as channel_rule,
        case when judged.is_bot then judged.bot_name end as bot_name,
        not judged.is_engaged as is_bounce
    from judged
    inner join slices on judged.last_slice_id = slices.slice_id
    left join channels on judged.session_id = channels.session_id
    left join flagged on judged.visitor_id = flagged.visitor_id

){{ ',' if is_update() }}

{% if is_update() -%}
earlier as (

    select
        session_id,
        person_id,
        session_number,
        traffic_rule
    from {{ this }}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)

),

touched as (

    select session_id from changed
    union
    select written.session_id
    from written
    inner join earlier on written.session_id = earlier.session_id
    where
        written.session_number != earlier.session_number
        or written.person_id != earlier.person_id
        or written.traffic_rule is distinct from earlier.traffic_rule

)
{%- endif %}

select
    {% if is_update() -%}
    touched.session_id,
    {%- else -%}
    written.session_id,
    {%- endif %}
    written.visitor_id,
    written.anonymous_id,
    written.person_id,
    written.entry_page_url,
    written.entry_page_class,
    written.exit_page_url,
    written.referrer_url,
    written.referrer_domain,
    written.utm_source,
    written.utm_medium,
    written.utm_campaign,
    written.utm_term,
    written.utm_content,
    written.click_id_type,
    written.click_id,
    written.session_number,
    written.duration_seconds,
    written.event_count,
    written.page_view_count,
    written.is_engaged,
    written.is_bot,
    written.started_at,
    written.ended_at,
    written.traffic_flag,
    written.traffic_rule,
    written.channel,
    written.channel_rule,
    written.bot_name,
    written.is_bounce
{%- if is_update() %}
from touched
left join written on touched.session_id = written.session_id
{%- else %}
from written
{%- endif %}
