-- One row a person and rule that counted an event up to the as-of day: the day of the
-- last one.
{{ config(materialized='view') }}

with

summed as (

    select * from {{ ref('int_rules_summed') }}

),

resummed as (

    select * from {{ ref('int_rules_resummed') }}
    where is_current

),

settings as (

    select * from {{ ref('stg_run__settings') }}

)

select
    summed.person_id,
    summed.rule_id,
    summed.last_date
from summed
inner join settings on summed.last_date <= settings.as_of_date
union all
select
    person_id,
    rule_id,
    last_date
from resummed
