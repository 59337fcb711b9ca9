-- One row a request and question that it answered, with the points of the answer. What
-- is no question or no answer of the offer is passed over.
with

requests as (

    select
        request_id,
        offer_id,
        answers
    from {{ ref('int_requests_owned') }}
    where answers is not null

),

questions as (

    select * from {{ ref('offer_questions') }}

),

answers as (

    select * from {{ ref('offer_answers') }}

),

given as (

    select
        requests.request_id,
        requests.offer_id,
        questions.question_id,
        questions.dimension_id,
        questions.position,
        {{ json_text('requests.answers', 'questions.question_id') }} as answer_id
    from requests
    inner join questions on requests.offer_id = questions.offer_id

),

most as (

    select
        offer_id,
        question_id,
        max(points) as most_points
    from answers
    group by offer_id, question_id

)

select
    given.request_id,
    given.offer_id,
    given.question_id,
    given.answer_id,
    given.dimension_id,
    given.position,
    answers.points,
    most.most_points
from given
inner join answers
    on
        given.offer_id = answers.offer_id
        and given.question_id = answers.question_id
        and given.answer_id = answers.answer_id
inner join most
    on
        given.offer_id = most.offer_id
        and given.question_id = most.question_id
