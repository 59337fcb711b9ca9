{#
Of a CTE: its rows are few, and to be had before what is joined to them is read. Spark finds that
out while it runs.
#}
{% macro computed_first() -%}
    {{ return(adapter.dispatch('computed_first')()) }}
{%- endmacro %}

{% macro default__computed_first() -%}
    materialized
{%- endmacro %}

{% macro spark__computed_first() -%}
{%- endmacro %}


{#
Of a CTE: who names it reads the columns that it needs, and nothing is laid aside of the rest. For
wide rows that several name for a few columns each. Spark does so anyway.
#}
{% macro read_each_time() -%}
    {{ return(adapter.dispatch('read_each_time')()) }}
{%- endmacro %}

{% macro default__read_each_time() -%}
    not materialized
{%- endmacro %}

{% macro spark__read_each_time() -%}
{%- endmacro %}


{#
The distinct values of a column of which there are few: they are looked for among the rows of a
large table, and not those among them. DuckDB goes by estimates, and takes a fifth of a table for what
is new in it; of one list it expects little. Spark finds that out while it runs.
#}
{% macro few_of(column, relation) -%}
    {{ return(adapter.dispatch('few_of')(column, relation)) }}
{%- endmacro %}

{% macro default__few_of(column, relation) -%}
    select unnest(list(distinct {{ column }})) as {{ column }} from {{ relation }}
{%- endmacro %}

{% macro spark__few_of(column, relation) -%}
    select distinct {{ column }} from {{ relation }}
{%- endmacro %}
