-- Which channels lead to conversions, and how far do the models agree?
--
-- One row a kind of conversion and channel; each column is the number of conversions
-- that the model credits it with, and they sum to all conversions down the column. Much
-- more under `first_touch` than under `last_touch` brings people, the other way round
-- closes; the last four pass Direct over where anything else is there.
with

credits as (

    select * from {{ ref('fct_attribution') }}

),

conversions as (

    select * from {{ ref('fct_conversions') }}

)

select
    conversions.conversion_name,
    credits.channel,
    sum(credits.credit) filter (where credits.model = 'first') as first_touch,
    sum(credits.credit) filter (where credits.model = 'last') as last_touch,
    sum(credits.credit) filter (where credits.model = 'last_non_direct')
        as last_non_direct,
    sum(credits.credit) filter (where credits.model = 'linear') as linear,
    sum(credits.credit) filter (where credits.model = 'position_based')
        as position_based,
    sum(credits.credit) filter (where credits.model = 'time_decay') as time_decay
from credits
inner join conversions on credits.conversion_id = conversions.conversion_id
group by
    conversions.conversion_name,
    credits.channel
order by
    conversions.conversion_name asc,
    linear desc nulls last,
    credits.channel asc
