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


{#
A trimmed address in lower case, as somebody writes to it; null unless one @, no white space, a dot
in the domain.
#}
{% macro written_email(text) -%}
    lower(nullif(regexp_extract(
        {{ text }},
        '^[\s\pZ]*([^@\s\pZ]+@[^@\s\pZ]+\.[^@\s\pZ]+)[\s\pZ]*$', 1
    ), ''))
{%- endmacro %}


{# The same, in the one spelling that the settings make of it. #}
{% macro valid_email(text) -%}
    {{ one_spelling(written_email(text)) }}
{%- endmacro %}


{#
The address that stands for all spellings of one mailbox: as it is, unless the settings say that
what follows a plus, or dots at some domains, make no other mailbox. Nothing may be left of none.
#}
{% macro one_spelling(email) -%}
    {%- if not var('ignore_email_tags') and not var('dotless_email_domains') -%}
        {{ return(email) }}
    {%- endif -%}
    {%- set domain = "split_part(" ~ email ~ ", '@', 2)" -%}
    {%- set mailbox = "split_part(" ~ email ~ ", '@', 1)" -%}
    {%- if var('ignore_email_tags') -%}
        {%- set mailbox = "coalesce(nullif(split_part(" ~ mailbox ~ ", '+', 1), ''), "
            ~ mailbox ~ ")" -%}
    {%- endif -%}
    {%- if var('dotless_email_domains') -%}
        {%- set domains = [] -%}
        {%- for name in var('dotless_email_domains') -%}
            {%- do domains.append(sql_text(name | lower)) -%}
        {%- endfor -%}
        {%- set mailbox = "case when " ~ domain ~ " in (" ~ domains | join(', ') ~ ") then"
            ~ " coalesce(nullif(replace(" ~ mailbox ~ ", '.', ''), ''), " ~ mailbox ~ ")"
            ~ " else " ~ mailbox ~ " end" -%}
    {%- endif -%}
    {{ return(mailbox ~ " || '@' || " ~ domain) }}
{%- endmacro %}


{% macro node_id(identifier_type, identifier) -%}
    '{{ identifier_type }}:' || {{ identifier }}
{%- endmacro %}


{# The two parts of a node's id: what kind of name, and the name itself. #}
{% macro node_type(node_id) -%}
    split_part({{ node_id }}, ':', 1)
{%- endmacro %}


{% macro node_name(node_id) -%}
    substr({{ node_id }}, length(split_part({{ node_id }}, ':', 1)) + 2)
{%- endmacro %}


{# The node that someone has written by hand; null for what can be none. #}
{% macro written_node_id(identifier_type, identifier) -%}
    {%- set trimmed = "regexp_extract(" ~ identifier ~ ", '(?s)^[\\s\\pZ]*(.*?)[\\s\\pZ]*$', 1)" -%}
    case trim({{ identifier_type }})
        when 'user_id' then {{ node_id('user_id', "nullif(" ~ trimmed ~ ", '')") }}
        when 'email' then {{ node_id('email', valid_email(identifier)) }}
    end
{%- endmacro %}


{#
The id of a session, made from the event that it begins with. The visitor is hashed first: of two
ids set side by side nobody could tell where one ends.
#}
{% macro session_id(visitor_id, event_id) -%}
    {{ hash_id("md5(" ~ visitor_id ~ ") || " ~ event_id) }}
{%- endmacro %}


{#
The id of a slice, made in the same way from the naming that it begins with, or, where several
people share an address, from the name. Nobody outside reads it, and each step of a refresh looks
for it: it is a number.
#}
{% macro slice_id(visitor_id, named_by) -%}
    {{ hash_number("md5(" ~ visitor_id ~ ") || " ~ named_by) }}
{%- endmacro %}


{# The slice that a device begins with, also where nobody was ever named on it. #}
{% macro first_slice_id(visitor_id) -%}
    {{ hash_number("'first ' || " ~ visitor_id) }}
{%- endmacro %}


{# A user agent in narrow tables, which have no room for its text. #}
{% macro agent_id(user_agent) -%}
    md5({{ user_agent }})
{%- endmacro %}


{#
The tracker's id of the device that a row of int_events_prepared, or of what is counted from it,
speaks of; null of a server's events. It is the visitor's id, and kept beside it would be a text
more to read.
#}
{% macro anonymous_id(row) -%}
    case when {{ row }}.has_device then {{ row }}.visitor_id end
{%- endmacro %}


{# Every id of a person is the hash of a node, or of a visitor nobody has named. #}
{% macro person_id(node_id) -%}
    {{ hash_id(node_id) }}
{%- endmacro %}


{# A host is the domain itself or lies below it: whole labels, never a part of one. #}
{% macro is_host_below(host, domain) -%}
    ({{ host }} = {{ domain }} or {{ host }} like '%.' || {{ domain }})
{%- endmacro %}
