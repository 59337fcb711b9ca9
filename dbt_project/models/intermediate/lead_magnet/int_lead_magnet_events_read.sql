-- One row an event that is a step of the lead magnet, with what its properties say; of
-- a program too, and of nobody, as our own steps are. Whose it is says the slice, and
-- which offer it is of, where the event itself does not, the request.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_id',
        counted_from='int_events_placed',
        meta={'reads': {'lead_magnet_steps': ['step', 'event_name']}}
    )
}}

with

steps as (

    select * from {{ ref('lead_magnet_steps') }}

),

placed as {{ computed_first() }} (

    select * from {{ ref('int_events_placed') }}
    where
        event_type = 'track'
        and event_name in (select steps.event_name from steps)
        and not is_gone
        {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
        {%- endif %}

),

-- the time is compared as well, so that only the parts of the log are read that hold it
read as (

    select
        placed.event_id,
        steps.step,
        placed.visitor_id,
        placed.slice_id,
        placed.session_id,
        placed.email as naming_email,
        placed.is_bot,
        placed.is_internal,
        placed.event_at,
        said.received_at,
        {{ plain_text(json_text('said.properties', "'offer_id'")) }} as offer_id,
        {{ plain_text(json_text('said.properties', "'request_id'")) }}
            as told_request_id,
        steps.step = {{ request_step() }} as is_request,
        said.properties
    from placed
    inner join {{ ref('stg_web__events') }} as said
        on
            placed.event_at = said.event_at
            and placed.event_id = said.event_id
    inner join steps on placed.event_name = steps.event_name

)

select
    event_id,
    step,
    visitor_id,
    slice_id,
    session_id,
    offer_id,
    is_bot,
    is_internal,
    is_request,
    event_at,
    received_at,
    -- a request is told by its own event
    case when is_request then event_id else told_request_id end as request_id,
    -- where the report goes to, as it was entered: whatever spelling stands for the
    -- person, and also where the event may name nobody
    case
        when is_request
            then
                coalesce(
                    {{ written_email(json_text('properties', "'email'")) }},
                    naming_email
                )
    end as email,
    case
        when is_request
            then {{ plain_text(json_text('properties', "'full_name'")) }}
    end as full_name,
    case
        when is_request
            then {{ plain_text(json_text('properties', "'company_name'")) }}
    end as company_name,
    case
        when is_request then {{ json_object('properties', "'answers'") }}
    end as answers,
    case
        when is_request
            then {{ yes_or_no(json_text('properties', "'marketing_consent'")) }}
    end as has_consented,
    case
        when is_request
            then {{ plain_text(json_text('properties', "'consent_text'")) }}
    end as consent_text,
    case
        when is_request
            then {{ utc_time(json_text('properties', "'consent_at'")) }}
    end as consent_at
from read
