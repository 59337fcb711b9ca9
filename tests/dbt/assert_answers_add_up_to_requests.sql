-- A returned row is a request whose count of answers or score is not what its answers
-- come to, or that has another number of dimensions than its offer.
with

requests as (

    select * from {{ ref('fct_lead_magnet_requests') }}

),

most as (

    select
        offer_id,
        question_id,
        max(points) as most_points
    from {{ ref('offer_answers') }}
    group by offer_id, question_id

),

of_offers as (

    select
        offer_id,
        sum(most_points) as most_points
    from most
    group by offer_id

),

answered as (

    select
        request_id,
        count(*) as answer_count,
        sum(points) as points
    from {{ ref('fct_lead_magnet_answers') }}
    group by request_id

),

dimensions as (

    select
        request_id,
        count(*) as dimension_count
    from {{ ref('fct_lead_magnet_dimensions') }}
    group by request_id

),

offered as (

    select
        offer_id,
        count(*) as dimension_count
    from {{ ref('offer_dimensions') }}
    group by offer_id

)

select
    requests.request_id,
    requests.score,
    answered.points
from requests
inner join of_offers on requests.offer_id = of_offers.offer_id
inner join offered on requests.offer_id = offered.offer_id
left join answered on requests.request_id = answered.request_id
left join dimensions on requests.request_id = dimensions.request_id
where
    requests.answered_count != coalesce(answered.answer_count, 0)
    or (requests.score is null) != (answered.answer_count is null)
    or abs(requests.score - 100 * answered.points / of_offers.most_points) > 0.5
    or coalesce(dimensions.dimension_count, 0)
    != case when answered.answer_count is null then 0 else offered.dimension_count end
