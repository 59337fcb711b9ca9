-- One row an offer, channel, campaign and step, and one an offer and step for all of
-- them: how many people reached it, and how many of those who had reached the step
-- before, or the first one. People may enter at any step, so a later one may have more.
-- Before a step is the one that the seed has before it, whatever their numbers.
with

steps as (

    select * from {{ ref('lead_magnet_steps') }}

),

offers as (

    select * from {{ ref('offers') }}

),

reached as (

    select * from {{ ref('fct_lead_magnet_funnel') }}

),

numbered as (

    select
        step_number,
        lag(step_number) over (order by step_number) as number_before,
        min(step_number) over () as first_number
    from steps

),

begun as (

    select
        *,
        min(step_number) over (partition by offer_id, person_id) as begun_with
    from reached

),

judged as (

    select
        begun.*,
        begun.previous_step_number = numbered.number_before as has_reached_previous,
        begun.begun_with = numbered.first_number as has_reached_first
    from begun
    inner join numbered on begun.step_number = numbered.step_number

),

placed as (

    select
        offer_id,
        channel,
        campaign,
        step_number,
        has_reached_previous,
        has_reached_first,
        seconds_since_previous,
        false as is_total
    from judged
    union all
    select
        offer_id,
        '(all)' as channel,
        '(all)' as campaign,
        step_number,
        has_reached_previous,
        has_reached_first,
        seconds_since_previous,
        true as is_total
    from judged

),

counted as (

    select
        offer_id,
        channel,
        campaign,
        is_total,
        step_number,
        count(*) as people_count,
        count(*) filter (where has_reached_previous) as from_previous_count,
        count(*) filter (where has_reached_first) as from_first_count,
        {{ median_of('seconds_since_previous') }} as median_seconds
    from placed
    group by offer_id, channel, campaign, is_total, step_number

),

origins as (

    select distinct
        offer_id,
        channel,
        campaign,
        is_total
    from counted

),

laid_out as (

    select
        origins.offer_id,
        offers.title as offer,
        origins.channel,
        origins.campaign,
        origins.is_total,
        steps.step,
        steps.step_number,
        steps.meaning,
        steps.ga4_event_name,
        steps.done_by,
        counted.median_seconds as median_seconds_since_previous,
        coalesce(counted.people_count, 0) as people_count,
        coalesce(counted.from_previous_count, 0) as from_previous_count,
        coalesce(counted.from_first_count, 0) as from_first_count
    from origins
    cross join steps
    inner join offers on origins.offer_id = offers.offer_id
    left join counted
        on
            origins.offer_id = counted.offer_id
            and origins.channel = counted.channel
            and origins.campaign = counted.campaign
            and origins.is_total = counted.is_total
            and steps.step_number = counted.step_number

)

select
    offer_id,
    offer,
    channel,
    campaign,
    step,
    step_number,
    meaning,
    ga4_event_name,
    done_by,
    people_count,
    from_previous_count,
    from_first_count,
    median_seconds_since_previous,
    is_total,
    from_previous_count / cast(
        nullif(lag(people_count) over own_steps, 0) as double
    ) as share_of_previous,
    from_first_count / cast(
        nullif(first_value(people_count) over own_steps, 0) as double
    ) as share_of_first
from laid_out
window
    own_steps as (
        partition by offer_id, channel, campaign, is_total
        order by step_number
    )
