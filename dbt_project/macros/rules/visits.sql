{# Whether a session is engaged: long enough, or pages enough, or with a conversion. #}
{% macro is_engaged_session() -%}
    (
        duration_seconds >= {{ var('engaged_seconds') }}
        or page_view_count >= {{ var('engaged_page_views') }}
        or has_conversion
    )
{%- endmacro %}
