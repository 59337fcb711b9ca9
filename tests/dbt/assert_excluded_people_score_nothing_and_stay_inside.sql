-- A returned row is an excluded person who scores, has reasons, counts in a company, or
-- whose address leaves for sales without being someone else's as well.
with

excluded as (

    select
        person_id,
        account_id,
        primary_email,
        intent_score,
        points,
        score_change_7d
    from {{ ref('dim_people') }}
    where exclusion_reason is not null

),

reasons as (

    select person_id from {{ ref('fct_person_score_reasons') }}
    where person_id in (select excluded.person_id from excluded)
    union all
    select person_id from {{ ref('fct_account_score_reasons') }}
    where person_id in (select excluded.person_id from excluded)

),

people_sent as (

    select * from {{ ref('sync_people') }}

),

kept as (

    select primary_email
    from {{ ref('dim_people') }}
    where
        exclusion_reason is null
        and primary_email is not null

),

faults as (

    select
        person_id,
        'scores or counts in a company' as fault
    from excluded
    where
        intent_score != 0
        or points != 0
        or score_change_7d != 0
        or account_id is not null
    union all
    select
        person_id,
        'has reasons' as fault
    from reasons
    union all
    select
        excluded.person_id,
        'leaves for sales' as fault
    from excluded
    inner join people_sent on excluded.primary_email = people_sent.email
    where excluded.primary_email not in (select kept.primary_email from kept)

)

select * from faults
