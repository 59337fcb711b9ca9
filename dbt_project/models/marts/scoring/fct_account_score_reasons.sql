-- One row a person who adds to the account's score, and one for the bonus of several
-- people being active. Shares sum to the score.
with

people as (

    select * from {{ ref('int_accounts_scored') }}
    where account_points > 0

),

accounts as (

    select * from {{ ref('fct_account_scores') }}

),

names as (

    select * from {{ ref('dim_people') }}

),

first_reasons as (

    select
        person_id,
        reason
    from {{ ref('fct_person_score_reasons') }}
    where reason_rank = 1

),

person_reasons as (

    select
        accounts.account_id,
        people.person_id,
        'person' as reason_type,
        coalesce(names.full_name, names.primary_email)
        || ': ' || names.intent_band || ', '
        || cast({{ whole_score('names.intent_score') }} as varchar)
        || coalesce(' (' || first_reasons.reason || ')', '') as reason,
        accounts.account_score * (people.added_points / people.account_points)
            as score_share,
        accounts.as_of_date
    from people
    inner join accounts on people.account_id = accounts.account_id
    inner join names on people.person_id = names.person_id
    left join first_reasons on people.person_id = first_reasons.person_id
    where people.added_points > 0

),

diversity_reasons as (

    select
        accounts.account_id,
        cast(null as {{ id_type() }}) as person_id,
        'diversity' as reason_type,
        cast(people.active_people_14d as varchar)
        || ' people active in {{ var('active_people_days') }} days' as reason,
        accounts.account_score * (people.diversity_points / people.account_points)
            as score_share,
        accounts.as_of_date
    from people
    inner join accounts on people.account_id = accounts.account_id
    where
        people.person_rank = 1
        and people.diversity_points > 0

)

select * from person_reasons
union all
select * from diversity_reasons
