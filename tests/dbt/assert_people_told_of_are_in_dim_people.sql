-- A returned row is a person of whom a table tells something although they are not in
-- dim_people. All these tables are held against it at once, since it is the long one;
-- each by itself is again with the tests of the whole history. Those that are kept by
-- person are looked at for the people touched.
{% set models = [
    'dim_leads',
    'fct_account_score_reasons',
    'fct_first_conversions',
    'fct_lead_magnet_requests',
    'fct_person_flags',
    'fct_suspicious_people',
] %}
with

told as (

    {% for model in models %}
    {{ 'union all' if not loop.first }}
    select distinct
        '{{ model }}' as model,
        person_id
    from {{ ref(model) }}
    where person_id is not null
    {% endfor %}

),

known as (

    select person_id from {{ ref('dim_people') }}
    where person_id in (select told.person_id from told)

)

select told.*
from told
left join known on told.person_id = known.person_id
where known.person_id is null
