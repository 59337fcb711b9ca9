-- A returned row is the reporting currency (var reporting_currency) without a rate of 1
-- in seeds/ad_spend/currency_rates.csv: give it one, and the others theirs against it.
with

rates as (

    select * from {{ ref('currency_rates') }}

)

select
    reporting.currency,
    rates.rate
from (select {{ reporting_currency() }} as currency) as reporting
left join rates on reporting.currency = rates.currency
where rates.rate is distinct from 1
