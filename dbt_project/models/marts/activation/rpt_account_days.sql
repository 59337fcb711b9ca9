-- One row an account that gets a brief and a day of the last 90 on which its people did
-- something that a rule counts. Days without are not in it.
with

people as (

    select * from {{ ref('rpt_account_people') }}

),

reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

)

select
    people.account_id,
    count(distinct people.person_id) as people_count,
    cast(sum(reasons.event_count) as bigint) as event_count,
    cast(sum({{ fixed_point('reasons.counted * rules.weight') }}) as double) as points,
    reasons.event_date,
    reasons.as_of_date
from reasons
inner join people on reasons.person_id = people.person_id
-- a raised hand has no rule of its own: the events behind it are those of another row
inner join rules on reasons.rule_id = rules.rule_id
where
    reasons.event_date
    > {{ days_before('reasons.as_of_date', var('brief_chart_days')) }}
group by
    people.account_id,
    reasons.event_date,
    reasons.as_of_date
