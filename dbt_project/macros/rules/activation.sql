{# Of several people behind one address, the one that sales see: the highest score. #}
{% macro is_seen_of_the_address() -%}
    row_number() over (
        partition by primary_email
        order by intent_score desc, person_id asc
    ) = 1
{%- endmacro %}


{# What sales call a person. #}
{% macro person_in_words() -%}
    coalesce(full_name, primary_email)
{%- endmacro %}
