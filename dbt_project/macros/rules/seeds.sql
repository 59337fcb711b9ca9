{# The rows of a seed while the SQL is being written; none while the project is only parsed. #}
{% macro rows_of_seed(relation, columns, order_by) -%}
    {%- if not execute -%} {{ return([]) }} {%- endif -%}
    {%- set query -%}
        select {{ columns | join(', ') }} from {{ relation }} order by {{ order_by }}
    {%- endset -%}
    {%- set rows = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- do rows.append(dict(zip(columns, row.values()))) -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}


{% macro sql_text(value) -%}
    '{{ (value | string).replace("'", "''") }}'
{%- endmacro %}
