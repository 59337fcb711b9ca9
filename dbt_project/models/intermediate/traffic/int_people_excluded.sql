-- One row a person whom something excludes from scores. Only who comes, goes or is
-- excluded by something else is written, and an earlier row stays, with is_gone: so a
-- report of what is left out knows whose events it has to count again.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        keeps_gone=true
    )
}}

with

{% if is_update() -%}
{{ touched_cte() }}
{% endif %}

excluded as (

    select
        people.person_id,
        people.exclusion_reason,
        people.exclusion_rule,
        {{ this_load() }} as load_id,
        false as is_gone
    from {{ ref('int_people_summarised') }} as people
    {% if is_update() -%}
    inner join touched on people.person_id = touched.person_id
    {% endif -%}
    where people.exclusion_reason is not null

),

{% if is_update() -%}
earlier as (

    select * from {{ this }}
    where
        not is_gone
        and person_id in (select touched.person_id from touched)

),

excluded_otherwise as (

    select excluded.*
    from excluded
    left join earlier on excluded.person_id = earlier.person_id
    where
        excluded.exclusion_reason is distinct from earlier.exclusion_reason
        or excluded.exclusion_rule is distinct from earlier.exclusion_rule

),

replaced as (

    select
        earlier.person_id,
        earlier.exclusion_reason,
        earlier.exclusion_rule,
        {{ this_load() }} as load_id,
        true as is_gone
    from earlier
    left join excluded on earlier.person_id = excluded.person_id
    where
        earlier.exclusion_reason is distinct from excluded.exclusion_reason
        or earlier.exclusion_rule is distinct from excluded.exclusion_rule

),

written as (

    select * from excluded_otherwise
    union all
    select * from replaced

)
{%- else -%}
written as (

    select * from excluded

)
{%- endif %}

select * from written
