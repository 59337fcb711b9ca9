-- One row an event, all of them: those without a name or with consent denied too. An
-- event is written again when it was placed anew, and when its slice changed hands or
-- its visitor turned out to be a program.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['event_at', 'event_id'],
        alive_column='event_type',
        on_schema_change='fail'
    )
}}

with

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

rules as (

    select * from {{ ref('int_rules_matched') }}

),

{% if is_update() -%}
{{ slices_handed_over_ctes() }}

-- each looks at one narrow column, and takes of the rest what it has found
touched_rows as {{ computed_first() }} (

    select * from {{ ref('int_events_placed') }}
    where load_id > {{ mark_of(this) }}
    union
    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and slice_id in (select handed_over.slice_id from handed_over)
        and event_date in (select days_handed_over.event_date from days_handed_over)
    union
    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and visitor_id in (
            select changed.visitor_id
            from {{ ref('int_visitors_flagged') }} as changed
            where changed.load_id > {{ mark_of(this) }}
        )

),

touched as (

    select distinct
        event_at,
        event_id
    from touched_rows

),

{% endif %}

placed as (

    select *
    from {{ 'touched_rows' if is_update() else ref('int_events_placed') }}
    where not is_gone

),

{{ owners_of_slices_ctes('placed') }}

-- found by their times, which are narrow, in those parts of the log that hold them
said as (

    select * from {{ ref('int_events_said') }}
    {%- if is_update() %}
    where event_at in (select placed.event_at from placed)
    {%- endif %}

),

written as (

    select
        placed.event_id,
        placed.event_type,
        placed.event_name,
        placed.visitor_id,
        {{ anonymous_id('placed') }} as anonymous_id,
        placed.user_id,
        placed.email,
        placed.session_id,
        slices.person_id,
        said.page_url,
        said.page_title,
        said.page_referrer,
        placed.page_class,
        rules.rule_id,
        placed.bot_name,
        said.source,
        placed.is_bot,
        placed.is_consent_denied,
        placed.event_at,
        said.received_at,
        coalesce(
            flagged.traffic_flag, case when placed.is_internal then 'internal' end
        ) as traffic_flag,
        coalesce(
            flagged.traffic_rule,
            case when placed.is_internal then 'internal_network' end
        ) as traffic_rule
    from placed
    inner join said on placed.event_id = said.event_id
    left join slices on placed.slice_id = slices.slice_id
    left join flagged on placed.visitor_id = flagged.visitor_id
    left join rules
        on
            placed.event_type = rules.event_type
            and placed.event_name is not distinct from rules.event_name
            and placed.page_class is not distinct from rules.page_class

)

select
    {% if is_update() -%}
    touched.event_id,
    {%- else -%}
    written.event_id,
    {%- endif %}
    written.event_type,
    written.event_name,
    written.visitor_id,
    written.anonymous_id,
    written.user_id,
    written.email,
    written.session_id,
    written.person_id,
    written.page_url,
    written.page_title,
    written.page_referrer,
    written.page_class,
    written.rule_id,
    written.bot_name,
    written.traffic_flag,
    written.traffic_rule,
    written.source,
    written.is_bot,
    written.is_consent_denied,
    {% if is_update() -%}
    touched.event_at,
    {%- else -%}
    written.event_at,
    {%- endif %}
    written.received_at
{%- if is_update() %}
from touched
left join written
    on
        touched.event_at = written.event_at
        and touched.event_id = written.event_id
{%- else %}
from written
-- in time's order, so that a day's events are found in one part of the table
order by written.event_at
{%- endif %}
