{# Every place where a pattern is found, replaced. #}
{% macro replaced_everywhere(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replaced_everywhere')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}

{% macro spark__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{%- endmacro %}
