-- One row a person with at least one event.
with

people as (

    select * from {{ ref('int_people_summarised') }}

),

described as (

    select * from {{ ref('int_people_described') }}

),

scores as (

    select * from {{ ref('fct_person_scores') }}

),

last_days as (

    select * from {{ ref('int_people_scored') }}

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
    described.full_name,
    described.job_title,
    described.company_name,
    described.phone,
    people.primary_email,
    people.email_domain,
    people.email_class,
    cast(null as varchar) as owner,
    cast(null as varchar) as stage,
    visits.first_channel,
    visits.latest_channel,
    scores.intent_band,
    people.exclusion_reason,
    people.event_count,
    scores.intent_score,
    scores.points,
    scores.score_change_7d,
    people.is_identified,
    last_days.last_scored_date,
    scores.as_of_date,
    people.first_seen_at,
    people.last_seen_at,
    coalesce(visits.session_count, 0) as session_count
from people
inner join scores on people.person_id = scores.person_id
left join described on people.person_id = described.person_id
left join visits on people.person_id = visits.person_id
left join last_days on people.person_id = last_days.person_id
