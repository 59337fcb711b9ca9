-- One row a person with at least one event.
with

people as (

    select * from {{ ref('int_people_summarised') }}

),

described as (

    select * from {{ ref('int_people_described') }}

),

leads as (

    select * from {{ ref('int_leads_merged') }}

),

scores as (

    select * from {{ ref('fct_person_scores') }}

),

last_days as (

    select * from {{ ref('int_people_scored') }}

),

told_flags as (

    select
        person_id,
        {{ joined_in_order('flag', "', '", 'flag') }} as flags,
        {{ joined_in_order("flag || ': ' || reason", "'; '", 'flag') }} as flag_reasons,
        bool_or(flag = 'cannot_email') as is_mail_refused
    from {{ ref('int_people_flagged') }}
    group by person_id

),

sessions as (

    select * from {{ ref('fct_sessions') }}

),

numbered_sessions as (

    select
        person_id,
        channel,
        entry_page_url,
        row_number() over (partition by person_id order by started_at, session_id)
            as visit_number
    from sessions

),

visits as (

    select
        person_id,
        count(*) as session_count,
        -- a session that saw no page came by no channel
        min_by(channel, visit_number) filter (
            where entry_page_url is not null
        ) as first_channel,
        max_by(channel, visit_number) filter (
            where entry_page_url is not null
        ) as latest_channel
    from numbered_sessions
    group by person_id

)

select
    people.person_id,
    people.account_id,
    people.primary_email,
    people.email_domain,
    people.email_class,
    leads.owner,
    leads.stage,
    visits.first_channel,
    visits.latest_channel,
    scores.intent_band,
    people.exclusion_reason,
    people.exclusion_rule,
    people.traffic_flag,
    told_flags.flags,
    told_flags.flag_reasons,
    people.event_count,
    scores.intent_score,
    scores.points,
    scores.score_change_7d,
    people.is_identified,
    last_days.last_scored_date,
    scores.as_of_date,
    people.first_seen_at,
    people.last_seen_at,
    -- what sales keep in their CRM goes before what somebody typed into a form
    coalesce(leads.full_name, described.full_name) as full_name,
    coalesce(leads.job_title, described.job_title) as job_title,
    coalesce(leads.company_name, described.company_name) as company_name,
    coalesce(leads.phone, described.phone) as phone,
    coalesce(leads.is_customer, false) as is_customer,
    not coalesce(told_flags.is_mail_refused, false) as can_email,
    coalesce(visits.session_count, 0) as session_count
from people
inner join scores on people.person_id = scores.person_id
left join described on people.person_id = described.person_id
left join leads on people.person_id = leads.person_id
left join told_flags on people.person_id = told_flags.person_id
left join visits on people.person_id = visits.person_id
left join last_days on people.person_id = last_days.person_id
