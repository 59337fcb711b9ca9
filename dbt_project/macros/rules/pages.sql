{# The path of a URL, absolute or as a log line gives it: lower case, no query, no fragment. #}
{% macro url_path(url) -%}
    lower(regexp_extract({{ url }}, '^(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?([^?#]*)', 1))
{%- endmacro %}


{#
The page class of a path: the lowest priority of seeds/pages/page_classes.csv whose pattern
matches, `other` if none does. The seed is written out as a `case`, since a pattern that is
a constant is compiled once, and one that comes from a column once a row.
#}
{% macro page_class(path) -%}
    {%- set classes = rows_of_seed(
        ref('page_classes'), ['page_class', 'path_pattern'], order_by='priority'
    ) -%}
    case
    {%- for class in classes %}
        when {{ matches(path, sql_text(class['path_pattern'])) }}
            then {{ sql_text(class['page_class']) }}
    {%- endfor %}
        when {{ path }} is not null then 'other'
    end
{%- endmacro %}


{#
The campaign that a URL names, in one text: source, medium and name, as int_urls_parsed reads them;
null where it names none.
#}
{% macro campaign_of_url(url) -%}
    {%- set values = [] -%}
    {%- for name in ['utm_source', 'utm_medium', 'utm_campaign'] -%}
        {%- set written
            = "regexp_extract(" ~ url_parameters(url) ~ ", '(?i)(?:^|&)" ~ name ~ "=([^&]+)', 1)" -%}
        {%- do values.append('lower(' ~ decoded_parameter(written) ~ ')') -%}
    {%- endfor -%}
    nullif({{ values | join(" || '&' || ") }}, '&&')
{%- endmacro %}
