-- One row a person, hand-raise rule and day, as long as it keeps the person hot. It
-- moves the band whatever the rule is worth.
with

buckets as (

    select * from {{ ref('int_buckets_decayed') }}
    where is_current

),

rules as (

    select * from {{ ref('scoring_rules') }}
    where is_hand_raise

)

select
    buckets.as_of_date,
    buckets.person_id,
    buckets.rule_id,
    buckets.event_date,
    buckets.event_count,
    buckets.counted
from buckets
inner join rules on buckets.rule_id = rules.rule_id
where
    {{ days_between('buckets.event_date', 'buckets.as_of_date') }}
    < {{ var('hand_raise_days') }}
