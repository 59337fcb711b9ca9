-- One row a request for the report of an offer: who asked, how they came, what their
-- answers come to, whether they qualify, and when each step after it was taken first.
with

requests as (

    select * from {{ ref('int_requests_owned') }}

),

steps as (

    select * from {{ ref('int_lead_magnet_steps_owned') }}
    where not is_gone

),

origins as (

    select * from {{ ref('int_lead_magnet_steps_channelled') }}

),

scores as (

    select * from {{ ref('int_requests_scored') }}

),

rules as (

    select * from {{ ref('int_requests_qualified') }}

),

refusals as (

    select * from {{ ref('int_mail_refusals_found') }}
    where is_said

),

reached as (

    select
        request_id,
        min(case when step = 'report_generated' then event_at end) as generated_at,
        min(case when step = 'report_delivered' then event_at end) as delivered_at,
        min(case when step = 'report_opened' then event_at end) as opened_at,
        min(case when step = 'qualified' then event_at end) as qualified_at,
        min(case when step = 'booking_click' then event_at end) as booking_clicked_at,
        min(case when step = 'booked' then event_at end) as booked_at
    from steps
    group by request_id

),

unmet as (

    select
        request_id,
        {{ joined_in_order('reason', "'; '", 'rule_id') }} as reasons
    from rules
    where not is_met
    group by request_id

)

select
    requests.request_id,
    requests.offer_id,
    requests.person_id,
    requests.account_id,
    requests.session_id,
    requests.email,
    requests.email_class,
    requests.full_name,
    requests.company_name,
    coalesce(origins.channel, 'Unassigned') as channel,
    coalesce(origins.source, '(not set)') as source,
    coalesce(origins.medium, '(not set)') as medium,
    coalesce(origins.campaign, '(not set)') as campaign,
    scores.score,
    coalesce(scores.answered_count, 0) as answered_count,
    requests.has_consented as marketing_consent,
    requests.consent_text,
    requests.person_id is not null and unmet.request_id is null as is_qualified,
    case
        when requests.person_id is null
            then 'Left out of all figures'
        else unmet.reasons
    end as disqualified_by,
    refusals.person_id is not null as is_mail_refused,
    requests.is_first_of_person,
    {{ seconds_between('requests.requested_at', 'reached.delivered_at') }}
        as seconds_to_first_response,
    requests.consent_at,
    requests.requested_at,
    requests.received_at,
    reached.generated_at,
    reached.delivered_at,
    reached.opened_at,
    reached.qualified_at,
    reached.booking_clicked_at,
    reached.booked_at
from requests
left join reached on requests.request_id = reached.request_id
left join origins on requests.request_id = origins.event_id
left join scores on requests.request_id = scores.request_id
left join unmet on requests.request_id = unmet.request_id
left join refusals on requests.person_id = refusals.person_id
