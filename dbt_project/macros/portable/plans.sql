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
