-- A returned row is a touched person of whom a table tells something although they are
-- not in dim_people, or in whose place map_person_ids has nobody. That there is nobody
-- else of the kind is for the relationships of the whole history to say.
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
{% for model in ['fct_channel_paths', 'fct_sessions'] %}
select
    '{{ model }}' as model,
    person_id
from {{ ref(model) }}
where person_id in (select gone.person_id from gone)
union all
{% endfor %}
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
