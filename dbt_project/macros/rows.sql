{#
The rows that a table has now, as dbt's message about it ("OK created … [1204 rows in 0.05s]"):
whoever follows the run knows them while it goes on, without opening the file.
#}
{% macro tell_rows(relation, materialized) -%}
    {%- if execute and materialized != 'view' -%}
        {%- set count = run_query('select count(*) from ' ~ relation).columns[0].values()[0] -%}
        {%- do store_raw_result(name='main', message=count ~ ' rows', code=none, rows_affected=count) -%}
    {%- endif -%}
{%- endmacro %}
