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
