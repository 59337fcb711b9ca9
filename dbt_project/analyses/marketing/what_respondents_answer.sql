-- What do people answer, and which questions do they lose most by?
--
-- One row a question and answer: how many people chose it, by their latest request, and
-- which share of those who answered the question. `points_lost` is of all who answered,
-- on average, so the first questions are what most of your market struggles with: write
-- about that.
with

requests as (

    select * from {{ ref('fct_lead_magnet_requests') }}
    where
        person_id is not null
        and answered_count > 0
    qualify row_number() over (
        partition by offer_id, person_id
        order by requested_at desc, request_id desc
    ) = 1

),

answers as (

    select
        answers.offer_id,
        answers.question_id,
        answers.answer_id,
        answers.points,
        answers.most_points
    from {{ ref('fct_lead_magnet_answers') }} as answers
    inner join requests on answers.request_id = requests.request_id

),

questions as (

    select
        offer_id,
        question_id,
        count(*) as people,
        avg(most_points - points) as points_lost
    from answers
    group by offer_id, question_id

)

select
    answers.offer_id,
    answers.question_id,
    answers.answer_id,
    count(*) as people,
    round(count(*) / cast(max(questions.people) as double), 3) as share_of_people,
    round(max(questions.points_lost), 2) as points_lost
from answers
inner join questions
    on
        answers.offer_id = questions.offer_id
        and answers.question_id = questions.question_id
group by answers.offer_id, answers.question_id, answers.answer_id
order by
    points_lost desc,
    answers.offer_id asc,
    answers.question_id asc,
    people desc,
    answers.answer_id asc
