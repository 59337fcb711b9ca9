-- Which records were rejected, by file and reason?
--
-- One row a load of a file and a reason, the worst first. `share_of_records` is
-- against all records of the file: a share that grows from file to file is a sender
-- that changed. `first_line` is where to look; the text itself stays with the
-- operator.
with

files as (

    select * from {{ ref('files') }}

),

rejected_events as (

    select * from {{ ref('rejected_events') }}

),

reasons as (

    select
        load_id,
        reason_code,
        count(*) as rejected_records,
        min(line_number) as first_line
    from rejected_events
    group by
        load_id,
        reason_code

)

select
    files.file_name,
    files.load_id,
    files.loaded_at,
    files.format,
    reasons.reason_code,
    reasons.rejected_records,
    files.record_count,
    reasons.first_line,
    reasons.rejected_records / nullif(files.record_count, 0) as share_of_records
from reasons
inner join files on reasons.load_id = files.load_id
order by
    reasons.rejected_records desc,
    files.load_id asc,
    reasons.reason_code asc
