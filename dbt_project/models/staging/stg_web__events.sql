-- One row an event, with only the names that mean something. An event whose consent is
-- denied stays, without any name.
with

events as (

    select * from {{ source('raw', 'events') }}

),

email_properties as (

    select * from {{ ref('email_properties') }}

),

named as (

    select
        events.*,
        coalesce(events.consent = 'denied', false) as is_consent_denied,
        events.source = 'access_log' as is_address_visitor,
        coalesce(
            {{ valid_email('events.email') }},
            {{ valid_email(
                json_text('events.properties', 'email_properties.property')
            ) }}
        ) as valid_email
    from events
    left join email_properties on events.event_name = email_properties.event_name

),

cleaned as (

    select
        event_id,
        event_type,
        event_name,
        case
            when not is_consent_denied then {{ meaningful_identifier('anonymous_id') }}
        end as anonymous_id,
        case
            when not is_consent_denied then {{ meaningful_identifier('user_id') }}
        end as user_id,
        case when not is_consent_denied then valid_email end as email,
        case
            when not is_consent_denied then {{ meaningful_identifier('previous_id') }}
        end as previous_id,
        page_url,
        page_referrer,
        page_title,
        user_agent,
        ip_prefix,
        case when not is_consent_denied then traits end as traits,
        properties,
        source,
        load_id,
        event_key,
        is_consent_denied,
        is_address_visitor,
        event_at,
        received_at
    from named

)

select * from cleaned
