-- One row: the day that the scores are of. No model reads the clock.
with

refresh_settings as (

    select * from {{ source('raw', 'refresh_settings') }}

)

select
    refresh_id,
    as_of_date,
    last_load_id,
    coalesce(is_as_of_today, false) as is_as_of_today
from refresh_settings
