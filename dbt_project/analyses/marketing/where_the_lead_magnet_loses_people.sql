-- Where does the lead magnet lose people?
--
-- One row an offer and step: how many people took it, which share of those who took the
-- step before did, and how long that took them, half of them at most. People may come
-- in at any step. Our own steps are among them: a report that is not sent loses people
-- as well.
with

steps as (

    select * from {{ ref('rpt_lead_magnet_funnel') }}
    where is_total

)

select
    offer_id,
    step_number,
    meaning,
    done_by,
    people_count as people,
    round(share_of_previous, 3) as share_of_step_before,
    round(share_of_first, 3) as share_of_first_step,
    round(median_seconds_since_previous / 60, 1) as half_within_minutes
from steps
order by
    offer_id,
    step_number
