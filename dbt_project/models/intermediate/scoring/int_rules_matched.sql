-- One row a kind of event that a rule scores: the rule of lowest priority whose filled
-- columns all match. A kind once met stays.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['event_type', 'event_name', 'page_class'],
        meta={'reads': {'scoring_rules': [
            'rule_id', 'priority', 'event_type', 'event_name', 'page_class'
        ]}}
    )
}}

with

kinds as (

    select distinct
        event_type,
        event_name,
        page_class
    from {{ ref('int_events_prepared') }}
    where not is_gone
    {%- if is_update() %}
        and load_id > {{ mark_of(this) }}
    except
    select
        event_type,
        event_name,
        page_class
    from {{ this }}
    {%- endif %}

),

rules as (

    select * from {{ ref('scoring_rules') }}

)

select
    kinds.event_type,
    kinds.event_name,
    kinds.page_class,
    min_by(rules.rule_id, rules.priority) as rule_id
from kinds
inner join rules
    on
        (rules.event_type is null or kinds.event_type = rules.event_type)
        and (rules.event_name is null or kinds.event_name = rules.event_name)
        and (rules.page_class is null or kinds.page_class = rules.page_class)
group by all
