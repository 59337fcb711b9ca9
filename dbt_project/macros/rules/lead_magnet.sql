{# The step that everything is counted from: the request for the report. #}
{% macro request_step() -%}
    'report_form_submit'
{%- endmacro %}


{# What somebody wrote, without white space around it; null where nothing is left. #}
{% macro plain_text(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}


{#
A share as a whole percent, half up; 0 of nothing. Both are whole numbers and small, so the quotient
is exact where it is whole.
#}
{% macro whole_percent(reached, most) -%}
    cast(coalesce(
        floor((200 * {{ reached }} + {{ most }}) / nullif(2 * {{ most }}, 0)), 0
    ) as integer)
{%- endmacro %}


{# Whether it is one of the words of a text that has a space between each two. #}
{% macro is_word_of(word, words) -%}
    instr(' ' || {{ words }} || ' ', ' ' || {{ word }} || ' ') > 0
{%- endmacro %}


{#
An import CTE of a model that is kept by person: the people who have or had a step of the lead
magnet, and of whom, or of whose steps, something may be otherwise.
#}
{% macro touched_steppers_cte() -%}
    touched as (

        select distinct person_id
        from {{ ref('int_lead_magnet_steps_owned') }}
        where
            person_id is not null
            and (
                load_id > {{ mark_of(this) }}
                or person_id in ({{ touched_people(this) | indent(16) }})
            )

    ),
{%- endmacro %}
