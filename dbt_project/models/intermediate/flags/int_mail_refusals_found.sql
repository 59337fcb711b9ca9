-- One row a person who may not be written to, with what says so: a lead of theirs in
-- the CRM, whatever else is said; else the last word of their own events, traits and
-- forms. Who asked for a report and never said a word has not agreed to anything.
with

people as (

    select * from {{ ref('int_people_summarised') }}

),

leads as (

    select * from {{ ref('int_leads_matched') }}
    where properties is not null

),

mail_words as (

    select * from {{ ref('mail_words') }}

),

identifies as (

    select
        event_id,
        traits
    from {{ ref('stg_web__events') }}
    where
        event_type = 'identify'
        and traits is not null

),

events as {{ read_each_time() }} (

    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and slice_id is not null

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

),

requests as (

    select
        requests.event_id,
        requests.slice_id,
        requests.event_at,
        mail_words.name,
        mail_words.refuses_when,
        cast(requests.event_at as date) as event_date,
        coalesce(requests.has_consented, false) as has_consented
    from {{ ref('int_lead_magnet_events_read') }} as requests
    cross join mail_words
    where
        requests.is_request
        and mail_words.said_in = 'form'

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

refusing_leads as (

    select
        leads.email,
        leads.person_id,
        mail_words.name
    from leads
    cross join mail_words
    where
        mail_words.said_in = 'lead'
        and mail_words.refuses_when
        = {{ yes_or_no(json_text('leads.properties', 'mail_words.name')) }}

),

-- by any of the person's own addresses, or by the one to write to, which may be shared
refused_by_the_crm as (

    select
        person_id,
        name
    from refusing_leads
    where person_id is not null
    union
    select
        people.person_id,
        refusing_leads.name
    from refusing_leads
    inner join people on refusing_leads.email = people.primary_email

),

told_traits as (

    select
        identifies.event_id,
        mail_words.name,
        {{ yes_or_no(json_text('identifies.traits', 'mail_words.name')) }} as is_yes
    from identifies
    cross join mail_words
    where mail_words.said_in = 'trait'

),

words as (

    select
        events.slice_id,
        events.event_at,
        events.event_id,
        events.event_date,
        mail_words.name,
        mail_words.refuses_when as is_refused
    from events
    inner join mail_words on events.event_name = mail_words.name
    where mail_words.said_in = 'event'
    union all
    select
        events.slice_id,
        events.event_at,
        events.event_id,
        events.event_date,
        mail_words.name,
        mail_words.refuses_when = told_traits.is_yes as is_refused
    from told_traits
    inner join mail_words on told_traits.name = mail_words.name
    inner join events on told_traits.event_id = events.event_id
    where
        mail_words.said_in = 'trait'
        and told_traits.is_yes is not null
    union all
    -- a box left unticked takes back nothing
    select
        slice_id,
        event_at,
        event_id,
        event_date,
        name,
        has_consented = refuses_when as is_refused
    from requests
    where has_consented != refuses_when

),

last_words as (

    select
        slices.person_id,
        words.name,
        words.event_date,
        words.is_refused
    from words
    inner join slices on words.slice_id = slices.slice_id
    -- of one event that says both, the refusal counts
    qualify row_number() over (
        partition by slices.person_id
        order by
            words.event_at desc,
            words.event_id desc,
            words.is_refused desc,
            words.name asc
    ) = 1

),

asked as (

    select
        slices.person_id,
        min(requests.name) as name,
        max(requests.event_date) as event_date
    from requests
    inner join slices on requests.slice_id = slices.slice_id
    left join last_words on slices.person_id = last_words.person_id
    where last_words.person_id is null
    group by slices.person_id

),

refusals as (

    select
        person_id,
        'The CRM says so (' || min(name) || ')' as reason,
        true as is_said
    from refused_by_the_crm
    group by person_id
    union all
    select
        last_words.person_id,
        'Said so on '
        || {{ day_in_words('last_words.event_date', 'settings.as_of_date') }}
        || ' (' || last_words.name || ')' as reason,
        true as is_said
    from last_words
    cross join settings
    where
        last_words.is_refused
        and last_words.person_id not in (
            select by_crm.person_id from refused_by_the_crm as by_crm
        )
    union all
    select
        asked.person_id,
        'Asked for a report on '
        || {{ day_in_words('asked.event_date', 'settings.as_of_date') }}
        || ' and agreed to no mail (' || asked.name || ')' as reason,
        false as is_said
    from asked
    cross join settings
    where
        asked.person_id not in (
            select by_crm.person_id from refused_by_the_crm as by_crm
        )

)

select
    person_id,
    reason,
    is_said
from refusals
