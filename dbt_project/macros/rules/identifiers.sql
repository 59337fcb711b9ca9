{#
An identifier without what means nothing: blanks, all zeros, and the values of
seeds/identity/blocked_identifiers.csv, also in quotes. Trimmed; its case is kept.
#}
{% macro meaningful_identifier(identifier) -%}
    {%- set bare = "trim(trim(" ~ identifier ~ "), '\"''` ')" -%}
    case
        when {{ matches(bare, "'^[0-]*$'") }} then null
        when {{ bare }} in (
            select blocked.identifier
            from {{ ref('blocked_identifiers') }} as blocked
            where blocked.match = 'exact'
        ) then null
        when lower({{ bare }}) in (
            select lower(blocked.identifier)
            from {{ ref('blocked_identifiers') }} as blocked
            where blocked.match = 'any_case'
        ) then null
        else trim({{ identifier }})
    end
{%- endmacro %}


{# A trimmed address in lower case; null unless one @, no white space, a dot in the domain. #}
{% macro valid_email(text) -%}
    case
        when {{ matches("trim(" ~ text ~ ")", "'^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$'") }}
            then lower(trim({{ text }}))
    end
{%- endmacro %}


{% macro node_id(identifier_type, identifier) -%}
    '{{ identifier_type }}:' || {{ identifier }}
{%- endmacro %}


{# Every id of a person is the hash of a node, or of a visitor nobody has named. #}
{% macro person_id(node_id) -%}
    md5({{ node_id }})
{%- endmacro %}


{# A host is the domain itself or lies below it: whole labels, never a part of one. #}
{% macro is_host_below(host, domain) -%}
    ({{ host }} = {{ domain }} or {{ host }} like '%.' || {{ domain }})
{%- endmacro %}
