-- One row a person, hand-raise rule and day, as long as it keeps the person hot. It
-- moves the band whatever the rule is worth.
with

settings as (

    select * from {{ ref('stg_run__settings') }}

),

days as (

    select
        days.*,
        settings.as_of_date
    from {{ ref('int_person_days_counted') }} as days
    cross join settings
    where
        days.event_date <= settings.as_of_date
        and days.event_date
        > {{ days_before('settings.as_of_date', var('hand_raise_days')) }}

),

rules as (

    select * from {{ ref('scoring_rules') }}
    where is_hand_raise

)

select
    days.as_of_date,
    days.person_id,
    days.rule_id,
    days.event_ids,
    days.event_date,
    days.event_count,
    days.counted
from days
inner join rules on days.rule_id = rules.rule_id
