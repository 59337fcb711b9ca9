-- One row a person of an account, ranked by points, with what it adds to the account's;
-- the account's own figures are repeated on each.
with

people as (

    select * from {{ ref('int_people_summarised') }}
    where account_id is not null

),

scores as (

    select * from {{ ref('int_people_scored') }}

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

aged_days as (

    select
        person_days.person_id,
        {{ fixed_point('person_days.day_points') }} as points,
        {{ days_between('person_days.event_date', 'settings.as_of_date') }} as age_days
    from {{ ref('int_person_days_counted') }} as person_days
    cross join settings
    where
        person_days.person_id in ({{ few_of('person_id', 'people') }})
        and person_days.event_date <= settings.as_of_date
        and person_days.event_date > {{ days_before(
            'settings.as_of_date',
            [
                var('active_people_days'), var('surge_days') + var('surge_base_days')
            ] | max
        ) }}

),

windows as (

    select
        person_id,
        bool_or(age_days < {{ var('active_people_days') }}) as is_active,
        coalesce(sum(points) filter (
            where age_days < {{ var('surge_days') }}
        ), 0) as surge_points,
        coalesce(sum(points) filter (
            where
            age_days >= {{ var('surge_days') }}
            and age_days < {{ var('surge_days') }} + {{ var('surge_base_days') }}
        ), 0) as base_points
    from aged_days
    group by person_id

),

ranked as (

    select
        people.account_id,
        people.account_domain,
        people.person_id,
        coalesce(scores.points, 0) as person_points,
        coalesce(windows.is_active, false) as is_active,
        coalesce(windows.surge_points, 0) as surge_points,
        coalesce(windows.base_points, 0) as base_points,
        row_number() over (
            partition by people.account_id
            order by coalesce(scores.points, 0) desc, people.person_id
        ) as person_rank
    from people
    left join scores on people.person_id = scores.person_id
    left join windows on people.person_id = windows.person_id

),

shared as (

    select
        *,
        {{ fixed_point(rank_decay('person_rank') ~ ' * person_points') }}
            as added_points
    from ranked

),

summed as (

    select
        account_id,
        cast(sum(added_points) as double) as people_points,
        cast(sum(surge_points) as double) as surge_points,
        cast(sum(base_points) as double) as base_points,
        count(*) as people_count,
        count(*) filter (where is_active) as active_people_14d
    from shared
    group by account_id

),

widened as (

    select
        *,
        {{ diversity_bonus('active_people_14d') }} as diversity_bonus
    from summed

)

select
    shared.account_id,
    shared.account_domain,
    shared.person_id,
    shared.person_rank,
    shared.person_points,
    cast(shared.added_points as double) as added_points,
    shared.is_active,
    widened.people_count,
    widened.active_people_14d,
    widened.people_points,
    widened.people_points * widened.diversity_bonus as diversity_points,
    widened.people_points * (1 + widened.diversity_bonus) as account_points,
    case
        when widened.base_points > 0
            then
                widened.surge_points / widened.base_points
                * {{ var('surge_base_days') }} / {{ var('surge_days') }}
    end as surge
from shared
inner join widened on shared.account_id = widened.account_id
