-- One row a date, and a person or account that was cool or above on it. It records what
-- was said on that day: a second refresh of a date replaces its rows, a rebuild touches
-- none.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ ids_as_they_are_now('entity_id') }}",
            "{{ forget_date_of_run() }}"
        ]
    )
}}

with

people as (

    select * from {{ ref('dim_people') }}
    where
        is_identified
        and intent_band != {{ score_band('0') }}

),

accounts as (

    select * from {{ ref('fct_account_scores') }}
    where account_band != {{ score_band('0') }}

),

rulesets as (

    select * from {{ ref('int_rulesets_dated') }}

)

select
    'person' as entity_type,
    people.person_id as entity_id,
    people.intent_band as band,
    rulesets.ruleset_id,
    people.intent_score as score,
    people.as_of_date
from people
cross join rulesets
union all
select
    'account' as entity_type,
    account_id as entity_id,
    account_band as band,
    ruleset_id,
    account_score as score,
    as_of_date
from accounts
