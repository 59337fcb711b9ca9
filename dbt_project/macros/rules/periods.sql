{#
The periods that reports look at, each with the day that one begins on: ISO weeks, calendar months,
and the whole days before the as-of date, which may not be over yet. It and later days are in their
week and month alone.
#}
{% macro report_periods(date, as_of_date) -%}
    {{ return([
        {'name': 'week', 'start': week_of(date), 'holds': 'true'},
        {'name': 'month', 'start': month_of(date), 'holds': 'true'},
        {
            'name': 'recent',
            'start': recent_start(as_of_date),
            'holds': date ~ ' between ' ~ recent_start(as_of_date)
                ~ ' and ' ~ recent_end(as_of_date),
        },
    ]) }}
{%- endmacro %}


{# The Monday of its week. #}
{% macro week_of(date) -%}
    cast(date_trunc('week', {{ date }}) as date)
{%- endmacro %}


{% macro month_of(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}


{% macro recent_start(as_of_date) -%}
    {{ days_before(as_of_date, var('recent_days')) }}
{%- endmacro %}


{# The day before the as-of date: early in the morning that one has hardly begun. #}
{% macro recent_end(as_of_date) -%}
    {{ days_before(as_of_date, 1) }}
{%- endmacro %}


{# The first of as many days before those. #}
{% macro before_recent_start(as_of_date) -%}
    {{ days_before(as_of_date, 2 * (var('recent_days') | int)) }}
{%- endmacro %}


{# What is summed over the rows of each of the two periods of the overview. #}
{% macro in_both_periods(value) -%}
sum(case when period = 'recent' then {{ value }} end) as current_value,
sum(case when period = 'before' then {{ value }} end) as earlier_value
{%- endmacro %}
