{#
What the operator allows this run of DuckDB, from the environment: it says how fast a result
comes and never what it is. Run before the models.
#}
{% macro session_settings() -%}
    {%- set threads = env_var('INTENT_THREADS', '') -%}
    {%- set memory_limit = env_var('INTENT_MEMORY_LIMIT', '') -%}
    {%- if threads %} set threads = {{ threads | int }}; {% endif -%}
    {%- if memory_limit %} set memory_limit = {{ sql_text(memory_limit) }}; {% endif -%}
{%- endmacro %}
