-- One row a request with an answer and dimension of its offer: the share of the
-- dimension's points that it reached.
with

answers as (

    select * from {{ ref('int_answers_scored') }}

),

scores as (

    select * from {{ ref('int_requests_scored') }}

),

dimensions as (

    select * from {{ ref('offer_dimensions') }}

),

questions as (

    select
        questions.offer_id,
        questions.question_id,
        questions.dimension_id,
        max(answers.points) as most_points
    from {{ ref('offer_questions') }} as questions
    inner join {{ ref('offer_answers') }} as answers
        on
            questions.offer_id = answers.offer_id
            and questions.question_id = answers.question_id
    group by
        questions.offer_id,
        questions.question_id,
        questions.dimension_id

),

asked as (

    select
        scores.request_id,
        dimensions.offer_id,
        dimensions.dimension_id,
        coalesce(sum(answers.points), 0) as points,
        coalesce(sum(questions.most_points), 0) as most_points
    from scores
    inner join dimensions on scores.offer_id = dimensions.offer_id
    left join questions
        on
            dimensions.offer_id = questions.offer_id
            and dimensions.dimension_id = questions.dimension_id
    left join answers
        on
            scores.request_id = answers.request_id
            and questions.question_id = answers.question_id
    group by
        scores.request_id,
        dimensions.offer_id,
        dimensions.dimension_id

)

select
    request_id,
    offer_id,
    dimension_id,
    {{ whole_percent('points', 'most_points') }} as score
from asked
