-- One row a person of dim_people: the score that stands there, with the rules of it.
-- A view, so that a day that moves most scores writes them down once.
{{ config(materialized='view') }}

with

people as (

    select * from {{ ref('dim_people') }}

),

rulesets as (

    select * from {{ ref('dim_rulesets') }}

)

select
    people.person_id,
    people.intent_band,
    rulesets.ruleset_id,
    people.intent_score,
    people.points,
    people.score_change_7d,
    rulesets.as_of_date
from people
cross join rulesets
