-- Whom should sales call today?
--
-- Everybody who is hot or warm and left an address, one row an address: those who
-- asked to be called first, then by score. `why` holds the strongest reasons in plain
-- words, and a positive `score_change_7d` says that interest is rising. Bots,
-- colleagues and throw-away addresses are not in `sync_people` at all.
with

callable_people as (

    select * from {{ ref('sync_people') }}
    where intent_band in ('hot', 'warm')

),

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

raised_hands as (

    select distinct people.primary_email as email
    from reasons
    inner join people on reasons.person_id = people.person_id
    where reasons.rule_id like '%_hand_raise'

)

select
    callable_people.email,
    callable_people.full_name,
    callable_people.job_title,
    callable_people.company_name,
    callable_people.intent_band,
    callable_people.intent_score,
    callable_people.score_change_7d,
    callable_people.why,
    callable_people.last_seen_at,
    callable_people.account_band,
    callable_people.owner,
    raised_hands.email is not null as has_raised_hand
from callable_people
left join raised_hands on callable_people.email = raised_hands.email
order by
    has_raised_hand desc,
    callable_people.intent_score desc,
    callable_people.email asc
