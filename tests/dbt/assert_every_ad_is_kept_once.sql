-- A returned row is a day and campaign that a file tells of and fct_ad_spend lacks, or
-- one that it made up, or one whose cost no file has told.
with

told as (

    select distinct
        spend_date,
        source,
        medium,
        campaign,
        currency,
        cost
    from {{ ref('stg_ads__spend') }}

),

kept as (

    select
        spend_date,
        source,
        medium,
        campaign,
        currency,
        cost
    from {{ ref('fct_ad_spend') }}

),

lost as (

    select
        spend_date,
        source,
        medium,
        campaign,
        currency
    from told
    except
    select
        spend_date,
        source,
        medium,
        campaign,
        currency
    from kept

),

made_up as (

    select * from kept
    except
    select * from told

)

select
    spend_date,
    source,
    medium,
    campaign,
    currency,
    'lost' as problem
from lost
union all
select
    spend_date,
    source,
    medium,
    campaign,
    currency,
    'made up' as problem
from made_up
