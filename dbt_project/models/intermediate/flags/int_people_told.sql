-- One row a person of whom a form, a CRM or a flag tells something.
{{ config(materialized='view') }}

with

described as (

    select * from {{ ref('int_people_described') }}

),

leads as (

    select * from {{ ref('int_leads_merged') }}

),

flags as (

    select
        person_id,
        {{ joined_in_order('flag', "', '", 'flag') }} as flags,
        {{ joined_in_order("flag || ': ' || reason", "'; '", 'flag') }} as flag_reasons,
        bool_or(flag = 'cannot_email') as is_mail_refused
    from {{ ref('int_people_flagged') }}
    group by person_id

),

people as (

    select person_id from described
    union
    select person_id from leads
    union
    select person_id from flags

),

told as (

    select
        people.person_id,
        leads.owner,
        leads.stage,
        flags.flags,
        flags.flag_reasons,
        -- what sales keep in their CRM goes before what somebody typed into a form
        coalesce(leads.full_name, described.full_name) as full_name,
        coalesce(leads.job_title, described.job_title) as job_title,
        coalesce(leads.company_name, described.company_name) as company_name,
        coalesce(leads.phone, described.phone) as phone,
        coalesce(leads.is_customer, false) as is_customer,
        not coalesce(flags.is_mail_refused, false) as can_email
    from people
    left join described on people.person_id = described.person_id
    left join leads on people.person_id = leads.person_id
    left join flags on people.person_id = flags.person_id

)

select * from told
where {{ tells_something() }}
