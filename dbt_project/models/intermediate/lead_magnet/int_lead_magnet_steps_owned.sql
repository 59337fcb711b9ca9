-- One row a step that somebody took, or that we took for a request: of which offer,
-- which request and which person. What names a known request belongs to it, whoever
-- opened the link. A later step that names none, as an imported booking does, goes to
-- the person's latest request before it. What is neither is no step of anybody's. Asked
-- again of events that changed, of all on a device of somebody who is touched, since a
-- session of one may count by another's name, and of what names a request among them.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_id',
        keeps_gone=true
    )
}}

with

steps as (

    select * from {{ ref('lead_magnet_steps') }}

),

asked as (

    select step_number
    from steps
    where step = {{ request_step() }}

),

offers as (

    select * from {{ ref('offers') }}

),

requests as (

    select * from {{ ref('int_requests_owned') }}

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

),

{% if is_update() -%}
touched_visitors as (

    select distinct visitor_id
    from {{ ref('int_slices_touched') }}
    where load_id > {{ mark_of(this) }}

),

touched_alone as (

    select event_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and event_name in (select steps.event_name from steps)
    union
    select event_id
    from {{ ref('int_lead_magnet_events_read') }}
    where visitor_id in (select touched_visitors.visitor_id from touched_visitors)

),

touched_events as (

    select event_id from touched_alone
    union
    select event_id
    from {{ ref('int_lead_magnet_events_read') }}
    where request_id in ({{ few_of('event_id', 'touched_alone') }})

),
{% endif %}

events as (

    select
        events.*,
        steps.step_number,
        offers.offer_id as known_offer_id,
        steps.step_number > asked.step_number as is_after_request
    from {{ ref('int_lead_magnet_events_read') }} as events
    inner join steps on events.step = steps.step
    cross join asked
    left join offers on events.offer_id = offers.offer_id
    where
        not events.is_request
        and not events.is_bot
        and not events.is_internal
        {%- if is_update() %}
        and events.event_id in ({{ few_of('event_id', 'touched_events') }})
        {%- endif %}

),

people as (

    select * from {{ ref('int_people_summarised') }}
    where exclusion_reason is null

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}
    where not is_gone

),

of_people as (

    select
        events.*,
        people.person_id
    from events
    inner join slices on events.slice_id = slices.slice_id
    inner join people on slices.person_id = people.person_id
    left join flagged on events.visitor_id = flagged.visitor_id
    where flagged.visitor_id is null

),

told_requests as (

    select
        events.event_id,
        events.step,
        requests.offer_id,
        requests.request_id,
        requests.person_id,
        events.session_id,
        events.event_at
    from events
    inner join requests on events.request_id = requests.request_id
    where events.is_after_request

),

latest_requests as (

    select
        of_people.event_id,
        of_people.step,
        requests.offer_id,
        requests.request_id,
        requests.person_id,
        of_people.session_id,
        of_people.event_at
    from of_people
    inner join requests
        on
            of_people.person_id = requests.person_id
            and of_people.event_at >= requests.requested_at
            and coalesce(of_people.known_offer_id, requests.offer_id)
            = requests.offer_id
    left join told_requests on of_people.event_id = told_requests.event_id
    where
        of_people.is_after_request
        and told_requests.event_id is null
    qualify row_number() over (
        partition by of_people.event_id
        order by requests.requested_at desc, requests.request_id desc
    ) = 1

),

owned as (

    select
        request_id as event_id,
        {{ request_step() }} as step,
        offer_id,
        request_id,
        person_id,
        session_id,
        requested_at as event_at
    from requests
    {%- if is_update() %}
    where request_id in (select touched_events.event_id from touched_events)
    {%- endif %}
    union all
    select * from told_requests
    union all
    select * from latest_requests
    union all
    -- before the request there is none to belong to
    select
        event_id,
        step,
        known_offer_id as offer_id,
        null as request_id,
        person_id,
        session_id,
        event_at
    from of_people
    where
        known_offer_id is not null
        and not is_after_request

)

select
    event_id,
    step,
    offer_id,
    request_id,
    person_id,
    session_id,
    event_at,
    {{ this_load() }} as load_id,
    false as is_gone
from owned
{%- if is_update() %}
union all
select
    event_id,
    step,
    offer_id,
    request_id,
    person_id,
    session_id,
    event_at,
    {{ this_load() }} as load_id,
    true as is_gone
from {{ this }}
where
    not is_gone
    and event_id in ({{ few_of('event_id', 'touched_events') }})
{%- endif %}
