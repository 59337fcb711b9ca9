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
