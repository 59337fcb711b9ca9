-- One row a band, as it was when the scores beside it were made.
with

bands as (

    select * from {{ ref('score_bands') }}

)

select
    band,
    minimum_score
from bands
