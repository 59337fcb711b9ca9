-- One row a person with an event: the score as of the day.
{{ config(materialized='view') }}

with

people as (

    select person_id
    from {{ ref('int_people_summarised') }}

),

scores as (

    select * from {{ ref('int_people_scored') }}

),

nobody as (

    select * from {{ ref('int_nobody_scored') }}

)

select
    people.person_id,
    coalesce(scores.intent_band, nobody.intent_band) as intent_band,
    coalesce(scores.intent_score, nobody.intent_score) as intent_score,
    coalesce(scores.points, nobody.points) as points,
    coalesce(scores.score_change_7d, nobody.score_change_7d) as score_change_7d
from people
cross join nobody
left join scores on people.person_id = scores.person_id
