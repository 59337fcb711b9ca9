-- A returned row is a date that scores claim to be of and that is not the refresh's.
with

settings as (

    select * from {{ ref('stg_run__settings') }}

),

dates as (

    select distinct as_of_date from {{ ref('fct_person_scores') }}
    union
    select distinct as_of_date from {{ ref('fct_person_score_reasons') }}
    union
    select distinct as_of_date from {{ ref('fct_account_scores') }}
    union
    select distinct as_of_date from {{ ref('fct_account_score_reasons') }}
    union
    select distinct as_of_date from {{ ref('dim_people') }}
    union
    select distinct as_of_date from {{ ref('dim_accounts') }}
    union
    select distinct as_of_date from {{ ref('sync_people') }}
    union
    select distinct as_of_date from {{ ref('sync_accounts') }}

)

select dates.as_of_date
from dates
left join settings on dates.as_of_date = settings.as_of_date
where settings.as_of_date is null
