{# What forms, the CRM and flags tell of a person, in int_people_told and in dim_people. #}
{% macro told_columns() -%}
    {{ return([
        'full_name', 'job_title', 'company_name', 'phone', 'owner', 'stage', 'flags',
        'flag_reasons', 'is_customer', 'can_email'
    ]) }}
{%- endmacro %}


{# Whether they tell anything of the person of a row. #}
{% macro tells_something() -%}
    (
        coalesce(full_name, job_title, company_name, phone, owner, stage, flags)
        is not null
        or is_customer
        or not can_email
    )
{%- endmacro %}
