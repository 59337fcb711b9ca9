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

numbered as (

    select
        *,
        row_number() over (
            order by path_month, people_sixteenth, is_converting, channel_path
        ) as path_number
    from paths

),

divided as (

    select
        *,
        {{ numbered_parts('channel_path', path_separator()) }}
    from numbered

),

placed as (

    select
        *,
        part as channel,
        lag(part) over path_so_far as channel_before,
        lead(part) over path_so_far as channel_after,
        row_number() over (
            partition by path_number, part order by part_position
        ) = 1 as is_first_visit
    from divided
    window path_so_far as (partition by path_number order by part_position)

),

steps as (

    select
        path_month,
        people_sixteenth,
        coalesce(channel_before, {{ start_state() }}) as from_state,
        channel as to_state,
        path_count as step_count,
        case when is_first_visit then path_count else 0 end as path_count,
        case when is_first_visit and is_converting then path_count else 0 end
            as conversion_count
    from placed
    union all
    select
        path_month,
        people_sixteenth,
        channel as from_state,
        case
            when is_converting then {{ conversion_state() }}
            else {{ null_state() }}
        end as to_state,
        path_count as step_count,
        path_count,
        case when is_converting then path_count else 0 end as conversion_count
    from placed
    where channel_after is null

)

select
    people_sixteenth,
    from_state,
    to_state,
    cast(sum(step_count) as bigint) as step_count,
    cast(sum(path_count) as bigint) as path_count,
    cast(sum(conversion_count) as bigint) as conversion_count,
    path_month
from steps
group by
    people_sixteenth,
    from_state,
    to_state,
    path_month
