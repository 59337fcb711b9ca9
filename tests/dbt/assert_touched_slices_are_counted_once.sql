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
-- one join by both: where all is built anew, two sets for each table are too much
{% for model, key in keys.items() %}
{{ 'union all' if not loop.first }}
select
    '{{ model }}' as model,
    kept.slice_id,
    kept.event_date
from {{ ref(model) }} as kept
inner join touched
    on
        kept.slice_id = touched.slice_id
        and kept.event_date = touched.event_date
group by kept.{{ key | replace(', ', ', kept.') }}
having count(*) > 1
{% endfor %}
