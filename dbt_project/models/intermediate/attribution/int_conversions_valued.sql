-- One row an event that converts, with what it is worth: the amount that the event
-- itself states, in its own currency, else the one of seeds/attribution. Whose it is
-- says the slice. A program's events convert nothing, as they score nothing; whether
-- the visitor is flagged is asked where this is read.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_id',
        counted_from='int_events_placed'
    )
}}

with

conversion_events as (

    select * from {{ ref('conversion_events') }}

),

placed as {{ computed_first() }} (

    select * from {{ ref('int_events_placed') }}
    where
        is_conversion
        and slice_id is not null
        and not is_gone
        and not is_bot
        and not is_internal
        {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
        {%- endif %}

),

-- the time is compared as well, so that only the parts of the log are read that hold it
stated as (

    select
        placed.event_id,
        placed.visitor_id,
        placed.slice_id,
        placed.session_id,
        placed.event_name,
        conversion_events.conversion_name,
        conversion_events.value as usual_value,
        conversion_events.currency as usual_currency,
        {{ json_text('said.properties', 'conversion_events.value_property') }}
            as stated_value,
        {{ json_text('said.properties', 'conversion_events.currency_property') }}
            as stated_currency,
        placed.event_at
    from placed
    inner join {{ ref('stg_web__events') }} as said
        on
            placed.event_at = said.event_at
            and placed.event_id = said.event_id
    inner join conversion_events
        on
            placed.event_type = conversion_events.event_type
            and placed.event_name = conversion_events.event_name

),

read as (

    select
        *,
        {{ amount_of('stated_value') }} as own_value,
        {{ currency_of('stated_currency') }} as own_currency
    from stated

)

select
    event_id,
    visitor_id,
    slice_id,
    session_id,
    event_name,
    conversion_name,
    event_at,
    -- a currency without an amount says nothing of the usual one
    case
        when own_value is not null then coalesce(own_currency, usual_currency)
        else usual_currency
    end as currency,
    coalesce(own_value, usual_value) as value,
    own_value is not null as is_value_stated
from read
