-- One row an identified person, or an account, that is cool or above or was it a week
-- ago: both scores and bands. Those of a week ago are worked out by the rules and the
-- identities of today, so nothing but what people did makes a difference.
with

settings as (

    select
        as_of_date,
        {{ days_before('as_of_date', var('score_change_days')) }} as earlier_date
    from {{ ref('int_rulesets_dated') }}

),

identified as (

    select person_id from {{ ref('int_people_summarised') }}
    where
        is_identified
        and exclusion_reason is null

),

rules as (

    select * from {{ ref('scoring_rules') }}
    where is_hand_raise

),

earlier_hands as (

    select distinct person_days.person_id
    from {{ ref('int_person_days_counted') }} as person_days
    inner join rules on person_days.rule_id = rules.rule_id
    inner join settings
        on
            person_days.event_date <= settings.earlier_date
            and person_days.event_date
            > {{ days_before('settings.earlier_date', var('hand_raise_days')) }}

),

people as (

    select
        'person' as entity_type,
        identified.person_id as entity_id,
        coalesce(scores.intent_band, {{ score_band('0') }}) as band,
        coalesce(scores.intent_score, 0) as score,
        coalesce(
            {{ score_of_points('scores.earlier_points', var('person_score_scale')) }}, 0
        ) as score_before,
        earlier_hands.person_id is not null as was_hand_raised
    from identified
    left join {{ ref('int_people_scored') }} as scores
        on identified.person_id = scores.person_id
    left join earlier_hands on identified.person_id = earlier_hands.person_id

),

accounts as (

    select
        'account' as entity_type,
        scores.account_id as entity_id,
        scores.account_band as band,
        scores.account_score as score,
        {{ score_of_points('earlier.earlier_points', var('account_score_scale')) }}
            as score_before,
        false as was_hand_raised
    from {{ ref('fct_account_scores') }} as scores
    inner join {{ ref('int_accounts_remeasured') }} as earlier
        on scores.account_id = earlier.account_id

),

entities as (

    select * from people
    union all
    select * from accounts

),

banded as (

    select
        *,
        case
            when was_hand_raised then 'hot' else {{ score_band('score_before') }}
        end as band_before
    from entities

)

select
    banded.entity_type,
    banded.entity_id,
    banded.band_before,
    banded.band,
    banded.score_before,
    banded.score,
    settings.as_of_date
from banded
cross join settings
where
    banded.band != {{ score_band('0') }}
    or banded.band_before != {{ score_band('0') }}
