-- One row an address: what sales see of a person. Where several people share an
-- address, the one with the highest score; but whoever of them refuses mail, or has a
-- flag, does so for the address. Excluded people never leave.
with

addressed as (

    select
        *,
        bool_and(can_email) over (partition by primary_email) as can_address,
        count(*) over (partition by primary_email) as sharing_people_count
    from {{ ref('dim_people') }}
    where primary_email is not null

),

-- of most addresses there is one person
people as (

    select * from addressed
    where
        exclusion_reason is null
        and sharing_people_count = 1
    union all
    select * from addressed
    where
        exclusion_reason is null
        and sharing_people_count > 1
    qualify {{ is_seen_of_the_address() }}

),

shared_flags as (

    select distinct
        addressed.primary_email,
        flags.flag
    from addressed
    inner join {{ ref('fct_person_flags') }} as flags
        on addressed.person_id = flags.person_id
    where addressed.sharing_people_count > 1

),

flagged as (

    select
        primary_email,
        {{ joined_in_order('flag', "', '", 'flag') }} as flags
    from shared_flags
    group by primary_email

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

leads as (

    select * from {{ ref('dim_leads') }}

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

told as (

    select
        person_id,
        {{ joined_in_order('reason', "'; '", 'reason_rank') }} as why
    from reasons
    where
        reason_rank <= 5
        and not is_told_by_hand_raise
        and person_id in ({{ few_of('person_id', 'people') }})
    group by person_id

)

select
    people.primary_email as email,
    people.full_name,
    people.job_title,
    accounts.domain as account_domain,
    people.intent_band,
    {{ whole_score('people.intent_score') }} as intent_score,
    {{ whole_change('people.intent_score', 'people.score_change_7d') }}
        as score_change_7d,
    told.why,
    people.last_seen_at,
    people.first_seen_at,
    people.session_count,
    people.first_channel,
    people.latest_channel,
    people.can_address as can_email,
    {{ whole_score('accounts.account_score') }} as account_score,
    accounts.account_band,
    people.as_of_date,
    coalesce(flagged.flags, people.flags) as flags,
    coalesce(people.company_name, accounts.company_name) as company_name,
    -- a shared mailbox (info@) is no person's own, and yet somebody may look after it
    coalesce(people.owner, leads.owner) as owner,
    coalesce(people.stage, leads.stage) as stage,
    people.is_customer or coalesce(leads.is_customer, false) as is_customer
from people
left join accounts on people.account_id = accounts.account_id
left join leads on people.primary_email = leads.email
left join told on people.person_id = told.person_id
left join flagged on people.primary_email = flagged.primary_email
