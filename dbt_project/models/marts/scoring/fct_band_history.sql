-- One row a refreshed date, people or accounts, and a band: how many were in it. It
-- records, as fct_score_history does, and tells which dates were refreshed, also those
-- on which nobody was cool.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook="{{ forget_date_of_run() }}"
    )
}}

with

people as (

    select * from {{ ref('dim_people') }}
    where is_identified

),

accounts as (

    select * from {{ ref('fct_account_scores') }}

),

bands as (

    select * from {{ ref('score_bands') }}

),

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

),

counted as (

    select
        'person' as entity_type,
        intent_band as band,
        count(*) as entity_count
    from people
    group by intent_band
    union all
    select
        'account' as entity_type,
        account_band as band,
        count(*) as entity_count
    from accounts
    group by account_band

),

entity_types as (

    select 'person' as entity_type
    union all
    select 'account' as entity_type

)

select
    entity_types.entity_type,
    bands.band,
    rulesets.as_of_date,
    coalesce(counted.entity_count, 0) as entity_count
from entity_types
cross join bands
cross join rulesets
left join counted
    on
        entity_types.entity_type = counted.entity_type
        and bands.band = counted.band
