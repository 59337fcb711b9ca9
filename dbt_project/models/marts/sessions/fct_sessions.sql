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

{#- else a gap lies between any two sessions of a visitor #}
{%- set tie_break
    = ', first_event_id' if var('session_break_on_campaign') else '' %}

with

{% if is_update() -%}
changed as (

    select
        session_id,
        visitor_id,
        min(event_at) as changed_at
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and session_id is not null
    group by
        session_id,
        visitor_id

),

{{ handed_over_cte() }}

flagged_otherwise as (

    select visitor_id from {{ ref('int_visitors_flagged') }}
    where load_id > {{ mark_of(this) }}

),

touched_visitors as {{ computed_first() }} (

    select visitor_id from changed
    union
    select visitor_id from handed_over
    union
    select visitor_id from flagged_otherwise

),
{% endif %}

sessions as {{ computed_first() if is_update() }} (

    select * from {{ ref('int_sessions_aggregated') }}
    {%- if is_update() %}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)
    {%- endif %}

),

judged as {{ computed_first() if is_update() }} (

    select
        *,
        row_number() over (
            partition by visitor_id order by started_at{{ tie_break }}
        ) as session_number,
        {{ is_engaged_session() | indent(8) }} as is_engaged
    from sessions

),

{% if is_update() -%}
-- before the first event of a visitor that came, went or moved, no session did either:
-- those keep their numbers
changed_visitors as (

    select
        visitor_id,
        min(changed_at) as changed_at
    from changed
    group by visitor_id

),

touched as {{ computed_first() }} (

    select session_id from changed
    union
    select judged.session_id
    from judged
    inner join changed_visitors
        on
            judged.visitor_id = changed_visitors.visitor_id
            and judged.started_at >= changed_visitors.changed_at
    union
    select session_id
    from judged
    where
        last_slice_id in (select handed_over.slice_id from handed_over)
        or visitor_id in (select flagged_otherwise.visitor_id from flagged_otherwise)

),
{% endif %}

chosen as {{ computed_first() if is_update() }} (

    select * from judged
    {%- if is_update() %}
    where session_id in (select touched.session_id from touched)
    {%- endif %}

),

channels as (

    select * from {{ ref('int_sessions_channelled') }}
    {%- if is_update() %}
    where session_id in ({{ few_of('session_id', 'touched') }})
    {%- endif %}

),

{{ owners_of_slices_ctes('chosen', 'last_slice_id') }}

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

written as (

    select
        chosen.session_id,
        chosen.visitor_id,
        {{ anonymous_id('chosen') }} as anonymous_id,
        slices.person_id,
        channels.entry_page_url,
        chosen.entry_page_class,
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
        chosen.session_number,
        chosen.duration_seconds,
        chosen.event_count,
        chosen.page_view_count,
        chosen.is_engaged,
        chosen.is_bot,
        chosen.started_at,
        chosen.ended_at,
        coalesce(
            flagged.traffic_flag, case when chosen.is_internal then 'internal' end
        ) as traffic_flag,
        coalesce(
            flagged.traffic_rule,
            case when chosen.is_internal then 'internal_network' end
        ) as traffic_rule,
        coalesce(channels.channel, 'Unassigned') as channel,
        coalesce(channels.channel_rule, 'no page') as channel_rule,
        case when chosen.is_bot then chosen.bot_name end as bot_name,
        not chosen.is_engaged as is_bounce
    from chosen
    inner join slices on chosen.last_slice_id = slices.slice_id
    left join channels on chosen.session_id = channels.session_id
    left join flagged on chosen.visitor_id = flagged.visitor_id

)

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
