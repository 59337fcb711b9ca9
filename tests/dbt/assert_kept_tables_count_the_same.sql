-- A returned row is a table whose total is not that of the others that count the same.
-- One of them holds a row twice or lacks one: each row has a part in the total. Numbers
-- alone are read, which costs little however long the history is. Which row it is, the
-- unique tests of the whole history say.
{% set counted = {
    'events of somebody': {
        'int_slice_days_counted': 'sum(event_count)',
        'int_slices_counted': 'sum(event_count)',
        'int_people_summarised': 'sum(event_count)',
        'dim_people': 'sum(event_count)',
    },
    'people': {
        'int_people_summarised': 'count(*)',
        'dim_people': 'count(*)',
    },
    'events in sessions': {
        'int_sessions_aggregated': 'sum(event_count)',
        'fct_sessions': 'sum(event_count)',
        'fct_session_people': 'sum(event_count)',
    },
    'sessions': {
        'int_sessions_aggregated': 'count(*)',
        'fct_sessions': 'count(*)',
        'int_people_visited': 'sum(session_count)',
    },
    'names and devices': {
        'map_identities': 'count(*) - count(valid_from)',
        'map_person_ids': "count(*) filter (where identifier_type != 'server')",
    },
} %}
with

totals as (

    {% for what, models in counted.items() %}
    {{ 'union all' if not loop.first }}
    {% for model, total in models.items() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ what }}' as counted,
        '{{ model }}' as model,
        coalesce({{ total }}, 0) as total
    from {{ ref(model) }}
    {% endfor %}
    {% endfor %}

),

told_otherwise as (

    select counted from totals
    group by counted
    having min(total) != max(total)

)

select totals.*
from totals
inner join told_otherwise on totals.counted = told_otherwise.counted
