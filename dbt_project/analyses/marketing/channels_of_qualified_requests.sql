-- Which channels bring requests that qualify, and which bring any?
--
-- One row a channel: how many people asked for a report, how many of them qualify now,
-- and how many booked a call. `first_gap` is the reason that most of the others lack.
-- A channel with many requests and few that qualify brings the wrong people, or brings
-- them too early.
with

requests as (

    select * from {{ ref('fct_lead_magnet_requests') }}
    where person_id is not null

),

latest as (

    select * from requests
    qualify row_number() over (
        partition by person_id
        order by requested_at desc, request_id desc
    ) = 1

),

gaps as (

    select
        channel,
        disqualified_by,
        count(*) as person_count
    from latest
    where not is_qualified
    group by channel, disqualified_by

),

first_gaps as (

    select
        channel,
        disqualified_by as first_gap
    from gaps
    qualify row_number() over (
        partition by channel
        order by person_count desc, disqualified_by asc
    ) = 1

)

select
    latest.channel,
    count(*) as people,
    count(*) filter (where latest.is_qualified) as qualified,
    round(
        count(*) filter (where latest.is_qualified) / cast(count(*) as double), 3
    ) as share_qualified,
    count(latest.booked_at) as booked,
    min(first_gaps.first_gap) as first_gap
from latest
left join first_gaps on latest.channel = first_gaps.channel
group by latest.channel
order by
    people desc,
    latest.channel asc
