-- One row a period that the overview compares: the recent days before the as-of date,
-- which may have hardly begun, and as many before them. A multiple of seven has the
-- same weekdays in both.
with

settings as (

    select * from {{ ref('int_rulesets_dated') }}

)

select
    'recent' as period,
    {{ recent_start('as_of_date') }} as first_date,
    {{ recent_end('as_of_date') }} as last_date,
    {{ days_before('as_of_date', var('score_change_days')) }} as earlier_bands_date,
    as_of_date
from settings
union all
select
    'before' as period,
    {{ before_recent_start('as_of_date') }} as first_date,
    {{ days_before('as_of_date', var('recent_days') ~ ' + 1') }} as last_date,
    {{ days_before('as_of_date', var('score_change_days')) }} as earlier_bands_date,
    as_of_date
from settings
