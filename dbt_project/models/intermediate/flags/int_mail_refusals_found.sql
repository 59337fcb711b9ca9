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

words as (

    select
        slice_id,
        event_at,
        event_id,
        event_date,
        name,
        is_refused
    from {{ ref('int_mail_words_said') }}
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

-- of those alone in which something was said
slices as (

    select
        slice_id,
        person_id
    from {{ ref('int_slices_owned') }}
    where
        not is_gone
        and slice_id in (
            select words.slice_id from words
            union
            select requests.slice_id from requests
        )

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
