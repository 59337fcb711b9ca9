{#
The first of some traits that is told as a text: spellings differ from sender to sender, and
where one sends an object under the name of a text, that says nothing. A key with `$.` in front is
a path.
#}
{% macro first_told(traits, keys) -%}
    coalesce(
    {%- for key in keys %}
        {{ trait_text(traits, key) }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}


{% macro trait_text(traits, key) -%}
    {%- set said = sql_text(key) -%}
    {%- set text = json_text_at(traits, said) if key.startswith('$.') else json_text(traits, said) -%}
    case when left({{ text }}, 1) not in ('{', '[') then nullif(trim({{ text }}), '') end
{%- endmacro %}
