-- One row a person, hand-raise rule and day, as long as it keeps the person hot. It
-- moves the band whatever the rule is worth.
with

settings as (

    select * from {{ ref('stg_run__settings') }}

),

person_days as (

    select
        person_days.*,
        settings.as_of_date
    from {{ ref('int_person_days_counted') }} as person_days
    cross join settings
    where
        person_days.event_date <= settings.as_of_date
        and person_days.event_date
        > {{ days_before('settings.as_of_date', var('hand_raise_days')) }}

),

rules as (

    select * from {{ ref('scoring_rules') }}
    where is_hand_raise

)

select
    person_days.as_of_date,
    person_days.person_id,
    person_days.rule_id,
    person_days.event_ids,
    person_days.event_date,
    person_days.event_count,
    person_days.counted
from person_days
inner join rules on person_days.rule_id = rules.rule_id
