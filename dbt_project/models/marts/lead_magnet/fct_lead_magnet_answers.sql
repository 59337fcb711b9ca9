-- One row a request and question that it answered.
with

answers as (

    select * from {{ ref('int_answers_scored') }}

)

select
    request_id,
    offer_id,
    question_id,
    answer_id,
    dimension_id,
    points,
    most_points
from answers
