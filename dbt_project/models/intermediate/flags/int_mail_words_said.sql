-- One row an event and word about mail that it says (seeds/flags/mail_words.csv): the
-- event of that name, or the trait of an identify. What a form says is told by the
-- request.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='event_id',
        counted_from='int_events_placed'
    )
}}

with

mail_words as (

    select * from {{ ref('mail_words') }}

),

placed as {{ computed_first() }} (

    select * from {{ ref('int_events_placed') }}
    where
        (
            event_type = 'identify'
            or (
                event_type = 'track'
                and event_name in (
                    select mail_words.name from mail_words
                    where mail_words.said_in = 'event'
                )
            )
        )
        and slice_id is not null
        and not is_gone
        {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
        {%- endif %}

),

-- the time is compared as well, so that only the parts of the log are read that hold it
told_traits as (

    select
        placed.event_id,
        placed.slice_id,
        placed.event_at,
        placed.event_date,
        mail_words.name,
        mail_words.refuses_when,
        {{ yes_or_no(json_text('said.traits', 'mail_words.name')) }} as is_yes
    from placed
    inner join {{ ref('stg_web__events') }} as said
        on
            placed.event_at = said.event_at
            and placed.event_id = said.event_id
    cross join mail_words
    where
        said.event_type = 'identify'
        and said.traits is not null
        and mail_words.said_in = 'trait'

)

select
    placed.event_id,
    placed.slice_id,
    mail_words.name,
    mail_words.refuses_when as is_refused,
    placed.event_at,
    placed.event_date
from placed
inner join mail_words on placed.event_name = mail_words.name
where
    placed.event_type = 'track'
    and mail_words.said_in = 'event'
union all
select
    event_id,
    slice_id,
    name,
    refuses_when = is_yes as is_refused,
    event_at,
    event_date
from told_traits
where is_yes is not null
