{# Yes and no as forms and CRMs write them; null for anything else. #}
{% macro yes_or_no(text) -%}
    case
        when lower(trim({{ text }})) in ('true', 'yes', 'y', '1', 'on') then true
        when lower(trim({{ text }})) in ('false', 'no', 'n', '0', 'off') then false
    end
{%- endmacro %}


{# The addresses that an export leaves out, by the flags of whoever is behind them. #}
{% macro addresses_left_out_of(export_name) -%}
    select distinct people.primary_email as email
    from {{ ref('fct_person_flags') }} as flags
    inner join {{ ref('flag_suppressions') }} as suppressions
        on flags.flag = suppressions.flag
    inner join {{ ref('dim_people') }} as people on flags.person_id = people.person_id
    where
        suppressions.export_name = {{ sql_text(export_name) }}
        and people.primary_email is not null
{%- endmacro %}
