-- How far do people get, from any page to asking for a demo?
--
-- One row a step; somebody who is counted in a step has taken the steps before it
-- first, in that order. `share_of_all` and `share_of_step_before` show where most are
-- lost. Change the page classes and event names to those of your own funnel. Bots and
-- excluded people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

events as (

    select
        events.person_id,
        events.event_type,
        events.event_name,
        events.page_class,
        events.event_at
    from {{ ref('fct_events') }} as events
    inner join people on events.person_id = people.person_id
    where not events.is_bot

),

visits as (

    select
        person_id,
        min(event_at) as reached_at
    from events
    where event_type = 'page'
    group by person_id

),

product_views as (

    select
        events.person_id,
        min(events.event_at) as reached_at
    from events
    inner join visits on events.person_id = visits.person_id
    where
        events.event_type = 'page'
        and events.page_class in (
            'case_study', 'compare', 'features', 'integrations', 'security'
        )
        and events.event_at >= visits.reached_at
    group by events.person_id

),

pricing_views as (

    select
        events.person_id,
        min(events.event_at) as reached_at
    from events
    inner join product_views on events.person_id = product_views.person_id
    where
        events.event_type = 'page'
        and events.page_class = 'pricing'
        and events.event_at >= product_views.reached_at
    group by events.person_id

),

contact_views as (

    select
        events.person_id,
        min(events.event_at) as reached_at
    from events
    inner join pricing_views on events.person_id = pricing_views.person_id
    where
        events.event_type = 'page'
        and events.page_class = 'contact'
        and events.event_at >= pricing_views.reached_at
    group by events.person_id

),

requests as (

    select
        events.person_id,
        min(events.event_at) as reached_at
    from events
    inner join contact_views on events.person_id = contact_views.person_id
    where
        events.event_type = 'track'
        and events.event_name in ('contact_sales', 'demo_request')
        and events.event_at >= contact_views.reached_at
    group by events.person_id

),

steps as (

    select
        1 as step_number,
        'any page' as step,
        count(*) as people
    from visits
    union all
    select
        2 as step_number,
        'product: features, integrations, security, compare or case study' as step,
        count(*) as people
    from product_views
    union all
    select
        3 as step_number,
        'pricing' as step,
        count(*) as people
    from pricing_views
    union all
    select
        4 as step_number,
        'contact' as step,
        count(*) as people
    from contact_views
    union all
    select
        5 as step_number,
        'asked for a demo or for sales' as step,
        count(*) as people
    from requests

)

select
    step_number,
    step,
    people,
    people / nullif(first_value(people) over funnel, 0) as share_of_all,
    people / nullif(lag(people) over funnel, 0) as share_of_step_before
from steps
window funnel as (order by step_number)
order by step_number
