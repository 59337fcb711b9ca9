{#
A view names neither the database nor the schema that it lies in: DuckDB looks there first. Readers
open the published file under names of their own, where the one that it was made under is not known;
and where that is the schema's, a name in two parts could mean either.
#}
{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    {%- set beside = '"' ~ relation.database ~ '"."' ~ relation.schema ~ '".' %}
    create view {{ relation }} as (
        {{ sql | replace(beside, '') | replace('"' ~ relation.database ~ '".', '') }}
    );
{%- endmacro %}
