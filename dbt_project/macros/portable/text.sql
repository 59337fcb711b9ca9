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


{#
The MD5 of a text as a number of 16 bytes, which is looked for among millions faster than its 32
digits are. Spark has no such number and keeps the digits.
#}
{% macro hash_number(text) -%}
    {{ return(adapter.dispatch('hash_number')(text)) }}
{%- endmacro %}

{% macro default__hash_number(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{% macro spark__hash_number(text) -%}
    md5({{ text }})
{%- endmacro %}


{#
The MD5 of a text as an id that is published: of 16 bytes, which are looked for in a third of the
time that its 32 digits take, and which every tool shows as text. Spark has no such type and keeps
the digits.
#}
{% macro hash_id(text) -%}
    {{ return(adapter.dispatch('hash_id')(text)) }}
{%- endmacro %}

{% macro default__hash_id(text) -%}
    cast(md5({{ text }}) as {{ id_type() }})
{%- endmacro %}

{% macro spark__hash_id(text) -%}
    md5({{ text }})
{%- endmacro %}


{# The type that hash_id makes. #}
{% macro id_type() -%}
    {{ return(adapter.dispatch('id_type')()) }}
{%- endmacro %}

{% macro default__id_type() -%}
    uuid
{%- endmacro %}

{% macro spark__id_type() -%}
    string
{%- endmacro %}


{# The text at a top-level key of a JSON object; null where it is absent or null. #}
{% macro json_text(json, key) -%}
    {{ return(adapter.dispatch('json_text')(json, key)) }}
{%- endmacro %}

{#
By a pointer, which takes a key as it is written; of a plain key the signs in front ($revenue) would
say more.
#}
{% macro default__json_text(json, key) -%}
    json_extract_string(
        {{ json }}, '/' || replace(replace({{ key }}, '~', '~0'), '/', '~1')
    )
{%- endmacro %}

{% macro spark__json_text(json, key) -%}
    get_json_object({{ json }}, concat('$.', {{ key }}))
{%- endmacro %}


{# The text at a path of a JSON object, as "$.company.name"; null where it is absent or null. #}
{% macro json_text_at(json, path) -%}
    {{ return(adapter.dispatch('json_text_at')(json, path)) }}
{%- endmacro %}

{% macro default__json_text_at(json, path) -%}
    json_extract_string({{ json }}, {{ path }})
{%- endmacro %}

{% macro spark__json_text_at(json, path) -%}
    get_json_object({{ json }}, {{ path }})
{%- endmacro %}


{# The JSON object at a top-level key of another, as text; null where there is no object. #}
{% macro json_object(json, key) -%}
    {{ return(adapter.dispatch('json_object')(json, key)) }}
{%- endmacro %}

{% macro default__json_object(json, key) -%}
    case
        when json_type({{ json }}, {{ key }}) = 'OBJECT'
            then cast(json_extract({{ json }}, {{ key }}) as varchar)
    end
{%- endmacro %}

{% macro spark__json_object(json, key) -%}
    case
        when get_json_object({{ json }}, concat('$.', {{ key }})) like '{' || '%'
            then get_json_object({{ json }}, concat('$.', {{ key }}))
    end
{%- endmacro %}


{#
One row a member of a JSON object whose values are texts; to be used in a select list, where it
makes the columns `member_name` and `member_value`.
#}
{% macro members_of(json) -%}
    {{ return(adapter.dispatch('members_of')(json)) }}
{%- endmacro %}

{% macro default__members_of(json) -%}
    unnest(map_keys(cast(cast({{ json }} as json) as map(varchar, varchar))))
            as member_name,
        unnest(map_values(cast(cast({{ json }} as json) as map(varchar, varchar))))
            as member_value
{%- endmacro %}

{% macro spark__members_of(json) -%}
    explode(from_json({{ json }}, 'map<string, string>')) as (member_name, member_value)
{%- endmacro %}


{# A column's name as seeds have it: `Avg. CPC` is avg_cpc; letters of any script stay. #}
{% macro plain_name(name) -%}
    trim(
        {{ replaced_everywhere(
            "lower(" ~ name ~ ")", "'[^\\pL\\pM\\pN]+'", "'_'"
        ) }},
        '_'
    )
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


{# A whole number with its thousands apart: 12,345. #}
{% macro grouped_digits(number) -%}
    {{ return(adapter.dispatch('grouped_digits')(number)) }}
{%- endmacro %}

{% macro default__grouped_digits(number) -%}
    format('{:,}', {{ number }})
{%- endmacro %}

{% macro spark__grouped_digits(number) -%}
    format_number({{ number }}, 0)
{%- endmacro %}
