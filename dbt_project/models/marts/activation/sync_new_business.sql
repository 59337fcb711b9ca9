-- One row an address of somebody who may become a customer: the list of people without
-- those who score nothing and those whom a flag keeps out.
with

people as (

    select * from {{ ref('sync_people') }}

),

left_out as (

    {{ addresses_left_out_of('new_business') }}

)

select
    people.email,
    people.full_name,
    people.job_title,
    people.company_name,
    people.account_domain,
    people.intent_band,
    people.intent_score,
    people.score_change_7d,
    people.why,
    people.last_seen_at,
    people.first_seen_at,
    people.session_count,
    people.first_channel,
    people.latest_channel,
    people.flags,
    people.can_email,
    people.account_score,
    people.account_band,
    people.owner,
    people.stage,
    people.is_customer,
    people.as_of_date
from people
left join left_out on people.email = left_out.email
where
    left_out.email is null
    and people.why is not null
