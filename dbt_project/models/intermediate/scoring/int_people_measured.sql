-- One row a person with an event: the score as of the day, 0 for those without a
-- counted event up to it.
{{ config(materialized='view') }}

with

people as (

    select person_id
    from {{ ref('int_people_summarised') }}

),

scores as (

    select * from {{ ref('int_people_scored') }}

)

select
    people.person_id,
    coalesce(scores.intent_band, {{ score_band('0') }}) as intent_band,
    coalesce(scores.intent_score, 0) as intent_score,
    coalesce(scores.points, 0) as points,
    coalesce(scores.score_change_7d, 0) as score_change_7d,
    scores.last_scored_date
from people
left join scores on people.person_id = scores.person_id
