{#
An identifier, unless it means nothing: blank, all zeros, or one of the values of
seeds/identity/blocked_identifiers.csv, in quotes or not. The seed is written out as one
pattern, which fails on the first letter of nearly every real identifier.
#}
{% macro meaningful_identifier(identifier) -%}
    case
        when not {{ matches(identifier, sql_text(nothing_meant())) }} then {{ identifier }}
    end
{%- endmacro %}


{# The pattern of identifiers that mean nothing. #}
{% macro nothing_meant() -%}
    {%- set alternatives = ['', '0[0-]*'] -%}
    {%- for row in rows_of_seed(
        ref('blocked_identifiers'), ['identifier', 'match'], order_by='identifier'
    ) -%}
        {%- set case_flag = '(?i)' if row['match'] == 'any_case' else '' -%}
        {%- do alternatives.append('(?:' ~ case_flag ~ '\\Q' ~ row['identifier'] ~ '\\E)') -%}
    {%- endfor -%}
    {{ return('^[\\s"\'`]*(?:' ~ alternatives | join('|') ~ ')[\\s"\'`]*$') }}
{%- endmacro %}


{# A trimmed address in lower case; null unless one @, no white space, a dot in the domain. #}
{% macro valid_email(text) -%}
    lower(nullif(regexp_extract(
        {{ text }},
        '^[\s\pZ]*([^@\s\pZ]+@[^@\s\pZ]+\.[^@\s\pZ]+)[\s\pZ]*$', 1
    ), ''))
{%- endmacro %}


{% macro node_id(identifier_type, identifier) -%}
    '{{ identifier_type }}:' || {{ identifier }}
{%- endmacro %}


{#
The id of a stretch of a visitor's timeline, made from the event that it begins with. The
visitor is hashed first: of two ids set side by side nobody could tell where one ends.
#}
{% macro stretch_id(visitor_id, event_id) -%}
    md5(md5({{ visitor_id }}) || {{ event_id }})
{%- endmacro %}


{# Every id of a person is the hash of a node, or of a visitor nobody has named. #}
{% macro person_id(node_id) -%}
    md5({{ node_id }})
{%- endmacro %}


{# A host is the domain itself or lies below it: whole labels, never a part of one. #}
{% macro is_host_below(host, domain) -%}
    ({{ host }} = {{ domain }} or {{ host }} like '%.' || {{ domain }})
{%- endmacro %}
