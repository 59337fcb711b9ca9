{#
Before the rows of a date are written again, those of an earlier refresh of it go; also where
there will be none, since nobody is cool any more.
#}
{% macro forget_date_of_run() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where as_of_date in (
        select rulesets.as_of_date from {{ ref('int_rulesets_dated') }} as rulesets
    )
    {%- endif -%}
{%- endmacro %}


{#
Records of an earlier version named people and accounts by the digits of their ids, as text; no
rebuild touches them, so their column takes the type that ids have.
#}
{% macro ids_as_they_are_now(column_name) -%}
    {%- if is_incremental() -%}
    {%- for column in adapter.get_columns_in_relation(this) -%}
    {%- if column.name == column_name and column.data_type | lower != id_type() | lower -%}
    alter table {{ this }} alter column {{ column_name }} set data type {{ id_type() }}
    {%- endif -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
