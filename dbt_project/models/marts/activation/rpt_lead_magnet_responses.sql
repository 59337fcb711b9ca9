-- One row an offer: how soon a request got its report, which is what is promised.
with

requests as (

    select * from {{ ref('fct_lead_magnet_requests') }}
    where
        person_id is not null
        and answered_count > 0

),

offers as (

    select * from {{ ref('offers') }}

),

counted as (

    select
        offer_id,
        count(*) as request_count,
        count(delivered_at) as delivered_count,
        count(*) filter (
            where seconds_to_first_response <= {{ var('first_response_seconds') }}
        ) as within_level_count,
        count(*) filter (where is_qualified) as qualified_count,
        count(booked_at) as booked_count,
        {{ median_of('seconds_to_first_response') }} as median_seconds
    from requests
    group by offer_id

)

select
    counted.offer_id,
    offers.title as offer,
    counted.request_count,
    counted.delivered_count,
    counted.within_level_count,
    counted.qualified_count,
    counted.booked_count,
    counted.median_seconds as median_seconds_to_first_response,
    counted.within_level_count / cast(counted.request_count as double)
        as share_within_level
from counted
inner join offers on counted.offer_id = offers.offer_id
