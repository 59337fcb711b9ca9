-- One row a request and rule of its offer (seeds/lead_magnet/qualification_rules.csv),
-- with whether it holds. Of somebody who does not count none holds that looks at a
-- person.
with

requests as (

    select * from {{ ref('int_requests_owned') }}

),

rules as (

    select * from {{ ref('qualification_rules') }}

),

answers as (

    select * from {{ ref('int_answers_scored') }}

),

scores as (

    select * from {{ ref('int_requests_scored') }}

),

scores_of_people as (

    select * from {{ ref('int_people_scored') }}
    where person_id in (select requests.person_id from requests)

),

flags as (

    select * from {{ ref('int_people_flagged') }}

),

flagged as (

    select distinct
        person_id,
        flag
    from flags

)

select
    requests.request_id,
    rules.rule_id,
    rules.reason,
    coalesce(
        case rules.kind
            when 'company_address' then requests.email_class = 'business'
            when 'without_flag'
                then requests.person_id is not null and flagged.flag is null
            -- who has no score has done nothing that counts
            when 'band'
                then
                    requests.person_id is not null
                    and {{ is_word_of(
                        "coalesce(scores_of_people.intent_band, " ~ score_band('0') ~ ")",
                        'rules.accepted'
                    ) | indent(20) }}
            when 'answer' then {{ is_word_of('answers.answer_id', 'rules.accepted') }}
            when 'minimum_score'
                then scores.score >= try_cast(rules.accepted as integer)
        end, false
    ) as is_met
from requests
inner join rules on requests.offer_id = rules.offer_id
left join scores_of_people
    on
        rules.kind = 'band'
        and requests.person_id = scores_of_people.person_id
left join flagged
    on
        rules.kind = 'without_flag'
        and requests.person_id = flagged.person_id
        and rules.accepted = flagged.flag
left join answers
    on
        rules.kind = 'answer'
        and requests.request_id = answers.request_id
        and rules.question_id = answers.question_id
left join scores
    on
        rules.kind = 'minimum_score'
        and requests.request_id = scores.request_id
