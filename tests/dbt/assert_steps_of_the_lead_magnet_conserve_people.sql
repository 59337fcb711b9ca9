-- A returned row is a step whose people are not those of all channels and campaigns
-- together, or a person who asked for a report and is not in the funnel, or a step with
-- more people from before it than before it there were.
with

reached as (

    select
        offer_id,
        step,
        count(*) as people_count
    from {{ ref('fct_lead_magnet_funnel') }}
    group by offer_id, step

),

shown as (

    select
        offer_id,
        step,
        sum(case when is_total then people_count end) as total_count,
        sum(case when not is_total then people_count end) as split_count
    from {{ ref('rpt_lead_magnet_funnel') }}
    group by offer_id, step

),

asked as (

    select distinct
        offer_id,
        person_id
    from {{ ref('fct_lead_magnet_requests') }}
    where person_id is not null

),

requested as (

    select * from {{ ref('fct_lead_magnet_funnel') }}
    where step = {{ request_step() }}

)

select
    shown.offer_id,
    shown.step as what
from shown
left join reached
    on
        shown.offer_id = reached.offer_id
        and shown.step = reached.step
where
    shown.total_count != shown.split_count
    or shown.total_count != coalesce(reached.people_count, 0)
union all
select
    coalesce(asked.offer_id, requested.offer_id) as offer_id,
    coalesce(asked.person_id, requested.person_id) as what
from asked
full outer join requested
    on
        asked.offer_id = requested.offer_id
        and asked.person_id = requested.person_id
where
    asked.person_id is null
    or requested.person_id is null
union all
select
    offer_id,
    step as what
from {{ ref('rpt_lead_magnet_funnel') }}
where
    share_of_previous > 1
    or share_of_first > 1
    or from_previous_count > people_count
