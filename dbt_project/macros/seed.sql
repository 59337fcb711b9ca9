{#
Loads a seed's file as orchestration/dbt/seed_texts.py reads it. Left to guess, DuckDB looks at the
first rows alone, and takes single quotes for quotes, or double ones for text.
#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set sql -%}
        copy {{ this.render() }} from {{ sql_text(adapter.get_seed_file_path(model)) }}
        (format csv, header true, delimiter ',', quote '"', escape '"')
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
