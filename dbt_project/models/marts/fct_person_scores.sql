with

people as (

    select * from {{ ref('int_people_summarised') }}

),

scores as (

    select * from {{ ref('int_people_scored') }}

),

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

)

select
    people.person_id,
    coalesce(scores.intent_band, {{ score_band('0') }}) as intent_band,
    rulesets.ruleset_id,
    coalesce(scores.intent_score, 0) as intent_score,
    coalesce(scores.points, 0) as points,
    coalesce(scores.score_change_7d, 0) as score_change_7d,
    rulesets.as_of_date
from people
cross join rulesets
left join scores on people.person_id = scores.person_id
