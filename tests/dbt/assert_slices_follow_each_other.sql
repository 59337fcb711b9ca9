-- A returned row is a stretch of a device's time that leaves a hole, overlaps its
-- neighbour, or is open at an end where it should not be.
{{ config(tags=['whole_history']) }}

with

devices as (

    select
        identifier,
        valid_from,
        valid_to,
        lag(valid_to) over device_timeline as previous_valid_to,
        lead(valid_from) over device_timeline as next_valid_from,
        row_number() over device_timeline as slice_number,
        count(*) over (partition by identifier) as slice_count
    from {{ ref('map_identities') }}
    where identifier_type = 'anonymous_id'
    window device_timeline as (
        partition by identifier
        order by valid_from nulls first, valid_to nulls last
    )

)

select *
from devices
where
    (slice_number = 1 and valid_from is not null)
    or (slice_number > 1 and valid_from is distinct from previous_valid_to)
    or (slice_number > 1 and valid_from is null)
    or (slice_number = slice_count and valid_to is not null)
    or (slice_number < slice_count and valid_to is distinct from next_valid_from)
