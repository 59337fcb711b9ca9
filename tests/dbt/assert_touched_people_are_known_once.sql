-- A returned row is a touched person of whom a table tells something although they are
-- not in dim_people, or in whose place map_person_ids has nobody, or whose touchpoints
-- are no sessions of theirs; or one whose days or paths stand twice in a table: only
-- their rows were written. That there is nobody else of the kind is for the
-- relationships and unique tests of the whole history to say.
with

touched as (

    select person_id from {{ ref('int_people_touched') }}
    where load_id = {{ this_load() }}

),

told as (

    select person_id from {{ ref('dim_people') }}
    where person_id in (select touched.person_id from touched)

),

mapped as (

    select canonical_person_id as person_id from {{ ref('map_person_ids') }}
    where canonical_person_id in (select touched.person_id from touched)

),

sessions as (

    select
        session_id,
        person_id
    from {{ ref('fct_sessions') }}
    where person_id in (select touched.person_id from touched)

),

touchpoints as (

    select
        session_id,
        person_id
    from {{ ref('fct_touchpoints') }}
    where person_id in (select touched.person_id from touched)

),

paths as (

    select
        person_id,
        path_month,
        conversion_id
    from {{ ref('fct_channel_paths') }}
    where person_id in (select touched.person_id from touched)

),

-- all days of a touched person are written with the load, at the end of the table
days as (

    select
        person_id,
        rule_id,
        event_date
    from {{ ref('int_person_days_counted') }}
    where load_id = {{ this_load() }}

),

gone as (

    select person_id from touched
    except
    select person_id from told

),

unmapped as (

    select person_id from touched
    except
    select person_id from mapped

)

select
    'fct_sessions' as model,
    person_id
from sessions
where person_id in (select gone.person_id from gone)
union all
select
    'fct_channel_paths' as model,
    person_id
from paths
where person_id in (select gone.person_id from gone)
{% for model in ['fct_conversions', 'fct_lead_magnet_funnel'] %}
union all
select
    '{{ model }}' as model,
    person_id
from {{ ref(model) }}
where person_id in (select gone.person_id from gone)
{% endfor %}
union all
select
    'dim_people' as model,
    person_id
from told
where person_id in (select unmapped.person_id from unmapped)
union all
select
    'map_identities' as model,
    canonical_person_id as person_id
from {{ ref('map_identities') }}
where canonical_person_id in (select unmapped.person_id from unmapped)
union all
select
    'fct_touchpoints' as model,
    touchpoints.person_id
from touchpoints
left join sessions
    on
        touchpoints.session_id = sessions.session_id
        and touchpoints.person_id = sessions.person_id
where sessions.session_id is null
union all
select
    'int_person_days_counted' as model,
    person_id
from days
group by
    person_id,
    rule_id,
    event_date
having count(*) > 1
union all
select
    'fct_channel_paths' as model,
    person_id
from paths
group by
    person_id,
    path_month,
    conversion_id
having count(*) > 1
