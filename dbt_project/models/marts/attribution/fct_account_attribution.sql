-- One row a conversion of somebody of a company, model and session of anybody of it
-- that gets credit: the same rules, over the sessions of all its people. A conversion
-- is looked at again when a person is touched who converted, whose session has credit
-- in it, or who belongs to the company now and had a session in its look-back. Nobody
-- else who left made a difference: a session without any credit has none because it is
-- passed over.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='conversion_id',
        alive_column='account_id',
        on_schema_change='fail'
    )
}}

with

{% if is_update() -%}
touched as (

    {{ touched_people(this) | indent(4) }}

),

-- what is touched for sure; whose sessions led to it now, is told below
touched_alone as (

    select conversion_id from {{ ref('fct_conversions') }}
    where
        account_id is not null
        and person_id in (select touched.person_id from touched)
    union
    select conversion_id from {{ this }}
    where
        person_id in (select touched.person_id from touched)
        or session_person_id in (select touched.person_id from touched)

),

touched_accounts as (

    select account_id from {{ ref('int_people_summarised') }}
    where
        account_id is not null
        and person_id in (select touched.person_id from touched)
    union
    select account_id from {{ ref('fct_conversions') }}
    where
        account_id is not null
        and conversion_id in (select touched_alone.conversion_id from touched_alone)

),
{% endif %}

account_conversions as (

    select conversions.*
    from {{ ref('fct_conversions') }} as conversions
    {% if is_update() -%}
    inner join touched_accounts
        on conversions.account_id = touched_accounts.account_id
    {% endif -%}
    where conversions.account_id is not null

),

people as (

    select
        person_id,
        account_id
    from {{ ref('int_people_summarised') }}
    where
        account_id in (
            select account_conversions.account_id from account_conversions
        )

),

sessions as (

    select
        people.account_id,
        sessions.session_id,
        sessions.person_id,
        sessions.channel,
        sessions.started_at
    from {{ ref('fct_sessions') }} as sessions
    inner join people on sessions.person_id = people.person_id
    where {{ is_visit('sessions') | indent(8) }}

),

{% if is_update() -%}
touched_conversions as (

    select conversion_id from touched_alone
    union
    select account_conversions.conversion_id
    from account_conversions
    inner join sessions
        on
            account_conversions.account_id = sessions.account_id
            and {{ is_within_lookback(
                'sessions.started_at', 'account_conversions.converted_at'
            ) | indent(12) }}
    where sessions.person_id in (select touched.person_id from touched)

),
{% endif %}

conversions as (

    select account_conversions.*
    from account_conversions
    {% if is_update() -%}
    inner join touched_conversions
        on account_conversions.conversion_id = touched_conversions.conversion_id
    {% endif -%}

),

led as (

    select
        conversions.account_id,
        conversions.conversion_id,
        sessions.session_id,
        conversions.person_id,
        sessions.person_id as session_person_id,
        conversions.currency,
        conversions.value,
        conversions.converted_at,
        coalesce(sessions.started_at, conversions.converted_at) as touched_at,
        coalesce(sessions.channel, {{ direct_channel() }}) as channel,
        row_number() over (
            partition by conversions.conversion_id
            order by sessions.started_at, sessions.session_id
        ) as position,
        count(*) over (partition by conversions.conversion_id) as touchpoint_count
    from conversions
    left join sessions
        on
            conversions.account_id = sessions.account_id
            and {{ is_within_lookback(
                'sessions.started_at', 'conversions.converted_at'
            ) | indent(12) }}

),

credited as (

    {{ credit_by_model('led') | indent(4) }}

)
{% if is_update() %}
select
    credited.account_id,
    touched_conversions.conversion_id,
    credited.session_id,
    credited.person_id,
    credited.session_person_id,
    credited.model,
    credited.channel,
    credited.currency,
    credited.credit,
    credited.credited_value,
    credited.converted_at
from touched_conversions
left join credited on touched_conversions.conversion_id = credited.conversion_id
{% else %}
select
    account_id,
    conversion_id,
    session_id,
    person_id,
    session_person_id,
    model,
    channel,
    currency,
    credit,
    credited_value,
    converted_at
from credited
{% endif %}
