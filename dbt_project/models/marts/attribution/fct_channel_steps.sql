-- One row a calendar month, sixteenth of the people, and step from one channel to the
-- next that their paths took: the counts of a Markov chain. What is asked of a path is
-- asked once of all that are the same.
with

paths as (

    select
        path_month,
        channel_path,
        {{ sixteenth_of('person_id') }} as people_sixteenth,
        conversion_id is not null as is_converting,
        count(*) as path_count
    from {{ ref('fct_channel_paths') }}
    group by
        path_month,
        channel_path,
        {{ sixteenth_of('person_id') }},
        conversion_id is not null

),

-- a path is compared as text once; its steps are found by its number
numbered as (

    select
        *,
        dense_rank() over (order by channel_path) as path_number
    from paths

),

divided as (

    select
        path_number,
        {{ numbered_steps('channel_path', path_separator(), start_state()) }}
    from (
        select distinct
            path_number,
            channel_path
        from numbered
    ) as distinct_paths

),

steps as (

    select
        path_number,
        from_part,
        to_part,
        row_number() over (
            partition by path_number, to_part order by step_position
        ) = 1 as is_first_visit
    from divided

),

taken as (

    select
        numbered.path_month,
        numbered.people_sixteenth,
        steps.from_part as from_state,
        coalesce(
            steps.to_part,
            case
                when numbered.is_converting then {{ conversion_state() }}
                else {{ null_state() }}
            end
        ) as to_state,
        numbered.path_count as step_count,
        case when steps.is_first_visit then numbered.path_count else 0 end
            as path_count,
        case
            when steps.is_first_visit and numbered.is_converting
                then numbered.path_count
            else 0
        end as conversion_count
    from numbered
    inner join steps on numbered.path_number = steps.path_number

)

select
    people_sixteenth,
    from_state,
    to_state,
    cast(sum(step_count) as bigint) as step_count,
    cast(sum(path_count) as bigint) as path_count,
    cast(sum(conversion_count) as bigint) as conversion_count,
    path_month
from taken
group by
    people_sixteenth,
    from_state,
    to_state,
    path_month
