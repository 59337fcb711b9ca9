-- One row a slice of somebody of whom something may be otherwise: what the models that
-- are kept by person begin with, looked for among all slices once.
with

touched as {{ computed_first() }} (

    select
        person_id,
        max(load_id) as load_id
    from {{ ref('int_people_touched') }}
    group by person_id

),

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

)

select
    slices.slice_id,
    slices.visitor_id,
    slices.person_id,
    slices.is_identified,
    touched.load_id
from slices
inner join touched on slices.person_id = touched.person_id
