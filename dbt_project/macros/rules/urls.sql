{#
The host of an absolute URL, lower case, without `www.`, user, port or a last dot; '' where
there is none. A backslash ends it as a slash does, since browsers read it so.
#}
{% macro url_host(url) -%}
    regexp_extract(
        regexp_replace(
            regexp_extract(
                lower({{ url }}), '^\s*(?:[a-z][a-z0-9+.-]*:)?//([^/?#\\]*)', 1
            ), '^[\s\S]*@', ''
        ), '^(?:www\.)?(\[[^\]]*\]|[^:\s]*[^:\s.])', 1
    )
{%- endmacro %}


{#
All parameters of a URL as one query: those of its query, then those of its fragment, where
single-page sites and some mailers put them (`#utm_source=x`, `#/page?utm_source=x`).
A link that stands in HTML twice escaped separates them by `&amp;`.
#}
{% macro url_parameters(url) -%}
    replace(concat(
        regexp_extract({{ url }}, '^[^?#]*\?([^#]*)', 1), '&',
        regexp_extract({{ url }}, '#([^?]*)', 1), '&',
        regexp_extract({{ url }}, '#[^?]*\?([\s\S]*)', 1)
    ), '&amp;', '&')
{%- endmacro %}


{#
A part of a query as it reads: decoded, + a blank, white space folded; '' where empty. Most
parts are plain, and looking is cheaper than replacing.
#}
{% macro decoded_parameter(text) -%}
    {%- set decoded = percent_decoded("replace(" ~ text ~ ", '+', ' ')") -%}
    case
        when {{ matches(text, "'[%+\\s\\pZ\\p{Cc}]'") }}
            then trim({{ replaced_everywhere(decoded, "'[\\s\\pZ\\p{Cc}]+'", "' '") }})
        else {{ text }}
    end
{%- endmacro %}
