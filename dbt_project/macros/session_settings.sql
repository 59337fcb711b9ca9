{#
What the operator allows this run of DuckDB, from the environment: it says how fast a result
comes and never what it is. Run before the models.

And when DuckDB takes its log of changes into the file: at the usual 16 MB it does so several times
in a refresh, and writes each time the tables anew that have changed since.
#}
{% macro session_settings() -%}
    set checkpoint_threshold = '1GB';
    {%- set threads = env_var('INTENT_THREADS', '') -%}
    {%- set memory_limit = env_var('INTENT_MEMORY_LIMIT', '') -%}
    {%- set spill_dir = env_var('INTENT_SPILL_DIR', '') -%}
    {%- if threads %} set threads = {{ threads | int }}; {% endif -%}
    {%- if memory_limit %} set memory_limit = {{ sql_text(memory_limit) }}; {% endif -%}
    {%- if spill_dir %} set temp_directory = {{ sql_text(spill_dir) }}; {% endif -%}
{%- endmacro %}
