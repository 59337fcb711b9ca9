-- A returned row is a file whose records are not all accounted for.
with

summed as (

    select
        load_id,
        file_name,
        record_count,
        loaded_count + duplicate_count + collided_count + rejected_count + skipped_count
        + blank_count + unfinished_count as accounted_count
    from {{ source('raw', 'files') }}

)

select *
from summed
where record_count != accounted_count
