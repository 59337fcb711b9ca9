-- Without the raw text: it may hold personal data, and readers do not need it.
with

rejected_events as (

    select * from {{ source('raw', 'rejected_events') }}

)

select
    load_id,
    file_name,
    line_number,
    reason_code,
    detail,
    rejected_at
from rejected_events
