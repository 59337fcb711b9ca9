-- One row a person and flag. Flags change no score; seeds/flags/flag_suppressions.csv
-- says which keeps whom out of which export.
with

flags as (

    select * from {{ ref('int_people_flagged') }}

)

select
    person_id,
    flag,
    reason
from flags
