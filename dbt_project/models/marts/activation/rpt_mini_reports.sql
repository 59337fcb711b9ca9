-- One row a request that can get a report: it answered something, and there is an
-- address to send it to. Who counts in no figure gets one too.
with

requests as (

    select * from {{ ref('fct_lead_magnet_requests') }}
    where
        answered_count > 0
        and email is not null

),

answers as (

    select * from {{ ref('fct_lead_magnet_answers') }}

),

questions as (

    select * from {{ ref('offer_questions') }}

),

benchmarks as (

    select * from {{ ref('rpt_offer_benchmarks') }}
    where dimension_id = ''

),

told as (

    select
        answers.request_id,
        {{ joined_in_order(
            "'\"' || answers.question_id || '\":\"' || answers.answer_id || '\"'",
            "','", 'questions.position'
        ) }} as members
    from answers
    inner join questions
        on
            answers.offer_id = questions.offer_id
            and answers.question_id = questions.question_id
    group by answers.request_id

)

select
    requests.request_id,
    requests.offer_id,
    requests.person_id,
    requests.email,
    requests.full_name,
    requests.company_name,
    requests.score,
    benchmarks.respondent_count,
    benchmarks.score as benchmark_score,
    requests.is_qualified,
    requests.disqualified_by,
    requests.is_mail_refused,
    requests.requested_at,
    requests.received_at,
    '{' || told.members || '}' as answers,
    requests.generated_at is not null as is_generated,
    requests.delivered_at is not null as is_delivered
from requests
inner join told on requests.request_id = told.request_id
left join benchmarks on requests.offer_id = benchmarks.offer_id
