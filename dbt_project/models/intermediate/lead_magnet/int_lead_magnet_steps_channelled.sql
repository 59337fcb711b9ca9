-- One row a request, and one a person's first step of an offer, with where the person
-- came from: the session that it happened in; where that saw no page, as a server's or
-- a mail's do not, the person's last visit before, within the look-back.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        alive_column='event_id'
    )
}}

with

{% if is_update() -%}
{{ touched_steppers_cte() }}
{% endif %}

steps as (

    select steps.*
    from {{ ref('int_lead_magnet_steps_owned') }} as steps
    {% if is_update() -%}
    inner join touched on steps.person_id = touched.person_id
    {% endif -%}
    where
        not steps.is_gone
        and steps.person_id is not null

),

visits as {{ read_each_time() }} (

    select * from {{ ref('int_visits_counted') }}
    where entry_page_class != '(no page)'

),

first_steps as (

    select * from steps
    qualify row_number() over (
        partition by offer_id, person_id
        order by event_at, event_id
    ) = 1

),

asked as (

    select
        event_id,
        person_id,
        session_id,
        event_at
    from first_steps
    union
    select
        event_id,
        person_id,
        session_id,
        event_at
    from steps
    where step = {{ request_step() }}

),

during as (

    select
        asked.event_id,
        asked.person_id,
        asked.event_at,
        visits.session_id,
        visits.channel,
        visits.source,
        visits.medium,
        visits.campaign
    from asked
    left join visits on asked.session_id = visits.session_id

),

before as (

    select
        during.event_id,
        visits.channel,
        visits.source,
        visits.medium,
        visits.campaign
    from during
    inner join visits
        on
            during.person_id = visits.person_id
            and {{ is_within_lookback('visits.started_at', 'during.event_at') }}
    where during.session_id is null
    qualify row_number() over (
        partition by during.event_id
        order by visits.started_at desc, visits.session_id desc
    ) = 1

),

channelled as (

    select
        during.event_id,
        during.person_id,
        coalesce(during.channel, before.channel, 'Unassigned') as channel,
        coalesce(during.source, before.source, '(not set)') as source,
        coalesce(during.medium, before.medium, '(not set)') as medium,
        coalesce(during.campaign, before.campaign, '(not set)') as campaign
    from during
    left join before on during.event_id = before.event_id

)
{% if is_update() %}
select
    channelled.event_id,
    touched.person_id,
    channelled.channel,
    channelled.source,
    channelled.medium,
    channelled.campaign
from touched
left join channelled on touched.person_id = channelled.person_id
{% else %}
select * from channelled
{% endif %}
