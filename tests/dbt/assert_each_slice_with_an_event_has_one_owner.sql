-- A returned row is a slice that holds an event and has no owner, or more than one; or
-- one that is said to have an owner, and that holds no event any more.
{{ config(tags=['whole_history']) }}

with

counted as (

    select slice_id
    from {{ ref('int_slices_counted') }}

),

owned as (

    select
        slice_id,
        count(*) as owner_count
    from {{ ref('int_slices_owned') }}
    where not is_gone
    group by slice_id

)

select
    counted.slice_id as counted_slice_id,
    owned.slice_id as owned_slice_id,
    owned.owner_count
from counted
full outer join owned on counted.slice_id = owned.slice_id
where
    counted.slice_id is null
    or coalesce(owned.owner_count, 0) != 1
