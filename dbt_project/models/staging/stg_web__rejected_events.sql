-- Without the raw text and what the reason quotes of it: they may hold personal data.
with

rejected_events as (

    select * from {{ source('raw', 'rejected_events') }}

)

select
    load_id,
    file_name,
    line_number,
    reason_code,
    rejected_at
from rejected_events
