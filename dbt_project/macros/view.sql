{#
A view does not name the database that it lies in: DuckDB looks there first. Readers open the
published file under a name of its own, where the one that it was made under is not known.
#}
{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create view {{ relation }} as (
        {{ sql | replace('"' ~ relation.database ~ '".', '') }}
    );
{%- endmacro %}
