-- One row an address of the list of people that may be written to by mail.
with

people as (

    select * from {{ ref('sync_people') }}

),

left_out as (

    {{ addresses_left_out_of('mailing') }}

)

select
    people.email,
    people.full_name,
    people.company_name,
    people.account_domain,
    people.intent_band,
    people.intent_score,
    people.why,
    people.owner,
    people.stage,
    people.flags,
    people.is_customer,
    people.as_of_date
from people
left join left_out on people.email = left_out.email
where left_out.email is null
