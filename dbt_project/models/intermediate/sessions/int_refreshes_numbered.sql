-- One row, the refresh under way: its number in the sequence of loads, up to which it
-- brings the models that are kept.
{{ config(materialized='view') }}

with

settings as (

    select * from {{ ref('stg_run__settings') }}

)

select
    refresh_id,
    last_load_id as load_id
from settings
