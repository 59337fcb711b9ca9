-- One row an account that gets a brief (seeds/scoring/brief_bands.csv), with what to
-- say first; none without any reason to say something, as a cold one may be.
with

accounts as (

    select dim_accounts.*
    from {{ ref('dim_accounts') }} as dim_accounts
    inner join {{ ref('brief_bands') }} as brief_bands
        on dim_accounts.account_band = brief_bands.band

),

people as (

    select
        *,
        {{ person_in_words() }} as person
    from {{ ref('dim_people') }}
    where
        exclusion_reason is null
        and account_id in (select accounts.account_id from accounts)

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

sessions as (

    select * from {{ ref('fct_sessions') }}

),

opening_lines as (

    select * from {{ ref('opening_lines') }}

),

visits as (

    select
        people.account_id,
        sessions.channel,
        count(*) as session_count
    from sessions
    inner join people on sessions.person_id = people.person_id
    -- a server's calls and programs make sessions too, but nobody came by them
    where {{ is_visit('sessions') | indent(8) }}
    group by
        people.account_id,
        sessions.channel

),

ranked_visits as (

    select
        *,
        row_number() over (
            partition by account_id order by session_count desc, channel asc
        ) as channel_rank
    from visits

),

came_by as (

    select
        account_id,
        cast(sum(session_count) as bigint) as session_count,
        {{ joined_in_order(
            "channel || ' ' || cast(session_count as varchar)", "', '", 'channel_rank'
        ) }} as channels
    from ranked_visits
    group by account_id

),

-- a raised hand goes first, whoever raised it; then the keenest person's largest share
first_reasons as (

    select
        people.account_id,
        people.person,
        reasons.rule_id,
        reasons.reason,
        {{ day_in_words('reasons.event_date', 'reasons.as_of_date') }} as told_day
    from reasons
    inner join people on reasons.person_id = people.person_id
    qualify row_number() over (
        partition by people.account_id
        order by
            {{ tells_a_raised_hand('reasons.rule_id') }} desc,
            people.intent_score desc,
            people.person_id asc,
            reasons.reason_rank asc
    ) = 1

),

openings as (

    select
        first_reasons.account_id,
        first_reasons.reason,
        -- the name last: it is somebody else's text, and may itself hold a placeholder
        replace(
            replace(
                coalesce(opening_lines.opening_line, other_lines.opening_line),
                '{day}',
                first_reasons.told_day
            ),
            '{name}',
            first_reasons.person
        ) as opening_line
    from first_reasons
    left join opening_lines
        on
            first_reasons.rule_id = opening_lines.rule_id
            or first_reasons.rule_id = {{ hand_raise_id('opening_lines.rule_id') }}
    left join opening_lines as other_lines on other_lines.rule_id = 'any_other'

)

select
    accounts.account_id,
    accounts.domain,
    accounts.company_name,
    accounts.account_band,
    accounts.owner,
    openings.opening_line,
    openings.reason as first_reason,
    came_by.channels,
    came_by.session_count,
    accounts.people_count,
    accounts.active_people_14d,
    {{ whole_score('accounts.account_score') }} as shown_score,
    accounts.account_score,
    accounts.surge,
    accounts.is_customer,
    {{ days_before('accounts.as_of_date', var('brief_chart_days') | int - 1) }}
        as chart_from_date,
    accounts.as_of_date,
    accounts.first_seen_at,
    accounts.last_seen_at
from accounts
inner join openings on accounts.account_id = openings.account_id
left join came_by on accounts.account_id = came_by.account_id
