with

rejected_events as (

    select * from {{ ref('stg_web__rejected_events') }}

)

select
    load_id,
    file_name,
    line_number,
    reason_code,
    rejected_at
from rejected_events
