{#
The descriptions of a model and its columns as comments in the database, in one statement. Every
column of a model is described, and nothing else is, so nobody asks the database for its columns;
and no table of results is made of what has none, which cost more than the comments themselves.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- call statement('comments') -%}
        {%- if for_relation and config.persist_relation_docs() and model.description %}
        {{ alter_relation_comment(relation, model.description) }}
        {%- endif -%}
        {%- if for_columns and config.persist_column_docs() %}
        {%- for name, column in model.columns.items() %}
        comment on column {{ relation }}."{{ name }}" is
            {{ duckdb_escape_comment(column['description']) }};
        {%- endfor %}
        {%- endif %}
    {%- endcall -%}
{%- endmacro %}
