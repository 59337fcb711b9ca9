-- A returned row is a day of a slice that an event came to or left, of which a table
-- that is kept by both holds something twice: only such days were written. That all
-- others stand in it once is for the unique tests of the whole history to say.
{% set keys = {
    'int_agents_seen': 'slice_id, event_date, agent_id',
    'int_buckets_counted': 'slice_id, event_date, rule_id',
    'int_slice_days_counted': 'slice_id, event_date',
} %}
with

touched as (

    select distinct
        slice_id,
        event_date
    from {{ ref('int_events_placed') }}
    where
        load_id = {{ this_load() }}
        and slice_id is not null

)
-- the days are compared as well, so that only the parts are read that hold them
{% for model, key in keys.items() %}
{{ 'union all' if not loop.first }}
select
    '{{ model }}' as model,
    slice_id,
    event_date
from {{ ref(model) }}
where
    event_date in (select touched.event_date from touched)
    and slice_id in (select touched.slice_id from touched)
group by {{ key }}
having count(*) > 1
{% endfor %}
