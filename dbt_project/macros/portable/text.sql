{# Text and JSON that DuckDB and Spark spell differently. #}

{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}


{# The text at a top-level key of a JSON object; null where it is absent or null. #}
{% macro json_text(json, key) -%}
    {{ return(adapter.dispatch('json_text')(json, key)) }}
{%- endmacro %}

{% macro default__json_text(json, key) -%}
    json_extract_string({{ json }}, {{ key }})
{%- endmacro %}

{% macro spark__json_text(json, key) -%}
    get_json_object({{ json }}, concat('$.', {{ key }}))
{%- endmacro %}


{# Percent-decoded as UTF-8; as it stands where it is in some other encoding. #}
{% macro percent_decoded(text) -%}
    {{ return(adapter.dispatch('percent_decoded')(text)) }}
{%- endmacro %}

{% macro default__percent_decoded(text) -%}
    coalesce(try(url_decode({{ text }})), {{ text }})
{%- endmacro %}

{% macro spark__percent_decoded(text) -%}
    coalesce(try_url_decode({{ text }}), {{ text }})
{%- endmacro %}
