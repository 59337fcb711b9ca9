-- A returned row is an id that leads to one which is not the end: it is in no row
-- itself, or leads further.
{{ config(tags=['whole_history']) }}

with

ids as (

    select * from {{ ref('map_person_ids') }}

)

select
    ids.own_person_id,
    ids.canonical_person_id,
    ends.canonical_person_id as leads_further_to
from ids
left join ids as ends on ids.canonical_person_id = ends.own_person_id
where ends.canonical_person_id is distinct from ids.canonical_person_id
