{#
What the operator allows this run of DuckDB, from the environment: it says how fast a result
comes and never what it is. Run before the models.
#}
{% macro session_settings() -%}
    {%- set threads = env_var('INTENT_THREADS', '') -%}
    {%- set memory_limit = env_var('INTENT_MEMORY_LIMIT', '') -%}
    {%- set spill_dir = env_var('INTENT_SPILL_DIR', '') -%}
    {%- if threads %} set threads = {{ threads | int }}; {% endif -%}
    {%- if memory_limit %} set memory_limit = {{ sql_text(memory_limit) }}; {% endif -%}
    {%- if spill_dir %} set temp_directory = {{ sql_text(spill_dir) }}; {% endif -%}
{%- endmacro %}
