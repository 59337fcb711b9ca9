-- One row a request with an answer: the share of all points of the offer that it
-- reached. A question left open gives none.
with

answers as (

    select * from {{ ref('int_answers_scored') }}

),

most as (

    select
        offer_id,
        question_id,
        max(points) as most_points
    from {{ ref('offer_answers') }}
    group by offer_id, question_id

),

offers as (

    select
        questions.offer_id,
        sum(most.most_points) as most_points
    from {{ ref('offer_questions') }} as questions
    inner join most
        on
            questions.offer_id = most.offer_id
            and questions.question_id = most.question_id
    group by questions.offer_id

),

reached as (

    select
        request_id,
        offer_id,
        count(*) as answered_count,
        sum(points) as points
    from answers
    group by request_id, offer_id

)

select
    reached.request_id,
    reached.offer_id,
    reached.answered_count,
    {{ whole_percent('reached.points', 'offers.most_points') }} as score
from reached
inner join offers on reached.offer_id = offers.offer_id
