-- One row a request for the report of an offer that the seeds know: whose it is. Nobody
-- counts whom something excludes from scores, no program, and nothing from a network of
-- one's own; such a request gets its report, and is in no figure.
with

events as (

    select * from {{ ref('int_lead_magnet_events_read') }}
    where
        is_request
        and offer_id in (select offers.offer_id from {{ ref('offers') }} as offers)

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

),

people as (

    select * from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

email_domains as (

    select * from {{ ref('stg_lists__email_domains') }}

),

owned as (

    select
        events.event_id as request_id,
        events.offer_id,
        events.session_id,
        events.email,
        email_domains.email_class,
        events.full_name,
        events.company_name,
        events.answers,
        events.consent_text,
        events.event_at as requested_at,
        events.received_at,
        events.consent_at,
        coalesce(events.has_consented, false) as has_consented,
        case
            when
                not events.is_bot
                and not events.is_internal
                and flagged.visitor_id is null
                then people.person_id
        end as person_id,
        case
            when
                not events.is_bot
                and not events.is_internal
                and flagged.visitor_id is null
                then people.account_id
        end as account_id
    from events
    left join slices on events.slice_id = slices.slice_id
    left join people on slices.person_id = people.person_id
    left join flagged on events.visitor_id = flagged.visitor_id
    left join email_domains
        on split_part(events.email, '@', 2) = email_domains.email_domain

)

select
    request_id,
    offer_id,
    person_id,
    account_id,
    session_id,
    email,
    email_class,
    full_name,
    company_name,
    answers,
    consent_text,
    has_consented,
    requested_at,
    received_at,
    consent_at,
    person_id is not null
    and row_number() over (
        partition by person_id
        order by requested_at, request_id
    ) = 1 as is_first_of_person
from owned
