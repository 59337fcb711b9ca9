-- A returned row is a touched person whom a table that is kept by person holds twice,
-- or one of whose names stands twice in map_identities: only their rows were written.
-- That all others stand there once is for the unique tests of the whole history to say.
{% set keys = {
    'fct_channel_paths': 'person_id, path_month, conversion_id',
    'fct_session_people': 'person_id, session_id',
    'int_people_summarised': 'person_id',
    'int_people_visited': 'person_id',
    'int_person_days_counted': 'person_id, rule_id, event_date',
    'int_rules_summed': 'person_id, rule_id',
} %}
with

touched as (

    select person_id from {{ ref('int_people_touched') }}
    where load_id = {{ this_load() }}

),

identities as (

    select * from {{ ref('map_identities') }}

),

names as (

    select distinct identifier from identities
    where canonical_person_id in (select touched.person_id from touched)

)
{% for model, key in keys.items() %}
select
    '{{ model }}' as model,
    person_id
from {{ ref(model) }}
where person_id in (select touched.person_id from touched)
group by {{ key }}
having count(*) > 1
union all
{% endfor %}
select
    'map_identities' as model,
    min(canonical_person_id) as person_id
from identities
where identifier in (select names.identifier from names)
group by
    identifier_type,
    identifier,
    valid_from,
    valid_to
having count(*) > 1
