-- A returned row is an address in a list that a flag should have kept it out of, or one
-- that no flag kept out and that is missing all the same.
with

left_out as (

    select distinct
        people.primary_email as email,
        suppressions.export_name
    from {{ ref('fct_person_flags') }} as flags
    inner join {{ ref('flag_suppressions') }} as suppressions
        on flags.flag = suppressions.flag
    inner join {{ ref('dim_people') }} as people on flags.person_id = people.person_id

),

listed as (

    select
        email,
        'new_business' as export_name
    from {{ ref('sync_new_business') }}
    union all
    select
        email,
        'mailing' as export_name
    from {{ ref('sync_mailing') }}

),

due as (

    select
        email,
        'mailing' as export_name
    from {{ ref('sync_people') }}
    union all
    select
        email,
        'new_business' as export_name
    from {{ ref('sync_people') }}
    where why is not null

),

expected as (

    select
        due.email,
        due.export_name
    from due
    left join left_out
        on
            due.email = left_out.email
            and due.export_name = left_out.export_name
    where left_out.email is null

)

select
    listed.email as listed_email,
    expected.email as expected_email
from listed
full outer join expected
    on
        listed.email = expected.email
        and listed.export_name = expected.export_name
where
    listed.email is null
    or expected.email is null
