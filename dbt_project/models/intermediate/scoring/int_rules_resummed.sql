-- One row a date of scoring, person and rule of which something counts after that date:
-- its days up to it. The dates are the as-of date, and the day that the change of a
-- score is measured from. Of all others int_rules_summed holds for both.
with

summed as (

    select
        person_id,
        rule_id,
        last_date
    from {{ ref('int_rules_summed') }}

),

days as (

    select * from {{ ref('int_person_days_counted') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

scoring_dates as (

    select
        as_of_date,
        true as is_current
    from settings
    union all
    select
        {{ days_before('as_of_date', var('score_change_days')) }} as as_of_date,
        false as is_current
    from settings

),

later as (

    select
        scoring_dates.as_of_date,
        scoring_dates.is_current,
        summed.person_id,
        summed.rule_id
    from summed
    inner join scoring_dates on summed.last_date > scoring_dates.as_of_date

),

days_until as (

    select
        later.as_of_date,
        later.is_current,
        later.person_id,
        later.rule_id,
        days.event_date,
        days.day_points,
        max(days.event_date) over (
            partition by later.as_of_date, later.person_id, later.rule_id
        ) as last_date
    from later
    inner join days
        on
            later.person_id = days.person_id
            and later.rule_id = days.rule_id
            and later.as_of_date >= days.event_date

)

select
    days_until.as_of_date,
    days_until.is_current,
    days_until.person_id,
    days_until.rule_id,
    days_until.last_date,
    sum({{ points_on(
        'days_until.day_points', 'days_until.event_date', 'days_until.last_date',
        'rules.half_life_days'
    ) }}) as points_at_last_date
from days_until
inner join rules on days_until.rule_id = rules.rule_id
group by all
