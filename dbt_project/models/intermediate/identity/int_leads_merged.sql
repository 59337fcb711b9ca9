-- One row a person that a CRM knows, by one address or several. The lead of the
-- primary address speaks first, then the one changed last; of each kind the first
-- thing said counts. A customer is whoever any lead says is one.
with

leads as (

    select * from {{ ref('int_leads_matched') }}
    where person_id is not null

),

people as (

    select * from {{ ref('int_people_summarised') }}

),

ranked as (

    select
        leads.*,
        row_number() over (
            partition by leads.person_id
            order by
                coalesce(leads.email = people.primary_email, false) desc,
                leads.updated_at desc nulls last,
                leads.email asc
        ) as lead_rank
    from leads
    inner join people on leads.person_id = people.person_id

)

select
    person_id,
    min_by(full_name, lead_rank) filter (where full_name is not null) as full_name,
    min_by(job_title, lead_rank) filter (where job_title is not null) as job_title,
    min_by(company_name, lead_rank) filter (where company_name is not null)
        as company_name,
    min_by(phone, lead_rank) filter (where phone is not null) as phone,
    min_by(owner, lead_rank) filter (where owner is not null) as owner,
    min_by(stage, lead_rank) filter (where stage is not null) as stage,
    coalesce(bool_or(is_customer), false) as is_customer
from ranked
group by person_id
