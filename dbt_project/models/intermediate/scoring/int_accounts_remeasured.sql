-- One row an account: its points a week ago, by the people who are in it now, as the
-- change of a person's score is measured. What came of it since is what has moved.
with

people as (

    select * from {{ ref('int_people_summarised') }}
    where account_id is not null

),

scores as (

    select * from {{ ref('int_people_scored') }}

),

settings as (

    select
        {{ days_before('as_of_date', var('score_change_days')) }} as earlier_date
    from {{ ref('stg_run__settings') }}

),

active_people as (

    select distinct person_days.person_id
    from {{ ref('int_person_days_counted') }} as person_days
    inner join settings
        on
            person_days.event_date <= settings.earlier_date
            and person_days.event_date > {{ days_before(
                'settings.earlier_date', var('active_people_days')
            ) }}

),

ranked as (

    select
        people.account_id,
        coalesce(scores.earlier_points, 0) as person_points,
        active_people.person_id is not null as is_active,
        row_number() over (
            partition by people.account_id
            order by coalesce(scores.earlier_points, 0) desc, people.person_id
        ) as person_rank
    from people
    left join scores on people.person_id = scores.person_id
    left join active_people on people.person_id = active_people.person_id

),

summed as (

    select
        account_id,
        cast(sum(
            {{ fixed_point(rank_decay('person_rank') ~ ' * person_points') }}
        ) as double) as people_points,
        count(*) filter (where is_active) as active_people_count
    from ranked
    group by account_id

)

select
    account_id,
    people_points * (1 + {{ diversity_bonus('active_people_count') }})
        as earlier_points
from summed
