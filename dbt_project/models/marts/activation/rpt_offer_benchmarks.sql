-- One row an offer and dimension, and one for the whole with an empty dimension: what
-- all respondents reached on average, each person by the latest answers. Of few there
-- is none: it would tell of single people.
with

respondents as (

    select * from {{ ref('fct_lead_magnet_requests') }}
    where
        person_id is not null
        and answered_count > 0
    qualify row_number() over (
        partition by offer_id, person_id
        order by requested_at desc, request_id desc
    ) = 1

),

dimensions as (

    select * from {{ ref('fct_lead_magnet_dimensions') }}

),

reached as (

    select
        offer_id,
        '' as dimension_id,
        score
    from respondents
    union all
    select
        respondents.offer_id,
        dimensions.dimension_id,
        dimensions.score
    from respondents
    inner join dimensions on respondents.request_id = dimensions.request_id

)

select
    offer_id,
    dimension_id,
    -- the mean as a whole percent, half up, in whole numbers alone
    cast(floor((2 * sum(score) + count(*)) / (2 * count(*))) as integer) as score,
    count(*) as respondent_count
from reached
group by offer_id, dimension_id
having count(*) >= {{ var('benchmark_minimum') }}
