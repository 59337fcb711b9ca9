-- How long does it take from the first visit to the first conversion?
--
-- One row a first channel: how many people converted, within how many days half and
-- nine of ten of them did, and with how many sessions. Days are UTC days; 0 is the day
-- of the first visit.
with

delays as (

    select * from {{ ref('fct_conversion_delays') }}

)

select
    first_channel,
    max(channel_people_count) as people,
    min(step) filter (where measure = 'days' and share_until >= 0.5)
        as half_within_days,
    min(step) filter (where measure = 'days' and share_until >= 0.9)
        as nine_of_ten_within_days,
    min(step) filter (where measure = 'sessions' and share_until >= 0.5)
        as half_within_sessions,
    min(step) filter (where measure = 'sessions' and share_until >= 0.9)
        as nine_of_ten_within_sessions
from delays
group by first_channel
order by
    people desc,
    first_channel asc
