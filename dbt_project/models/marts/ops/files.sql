with

files as (

    select * from {{ ref('stg_web__files') }}

)

select
    load_id,
    file_name,
    format,
    byte_count,
    record_count,
    loaded_count,
    duplicate_count,
    collided_count,
    rejected_count,
    skipped_count,
    blank_count,
    unfinished_count,
    first_event_at,
    last_event_at,
    loaded_at
from files
