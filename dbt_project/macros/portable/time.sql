{# Time arithmetic that DuckDB and Spark spell differently. All times are UTC. #}

{% macro microseconds(timestamp) -%}
    {{ return(adapter.dispatch('microseconds')(timestamp)) }}
{%- endmacro %}

{% macro default__microseconds(timestamp) -%}
    epoch_us({{ timestamp }})
{%- endmacro %}

{% macro spark__microseconds(timestamp) -%}
    unix_micros({{ timestamp }})
{%- endmacro %}


{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    datediff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}


{% macro days_before(date, days) -%}
    {{ return(adapter.dispatch('days_before')(date, days)) }}
{%- endmacro %}

{% macro default__days_before(date, days) -%}
    cast({{ date }} - cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__days_before(date, days) -%}
    date_sub({{ date }}, cast({{ days }} as int))
{%- endmacro %}


{# The list of all days from the first to the last, both included; null where one is null. #}
{% macro days_from(first, last) -%}
    {{ return(adapter.dispatch('days_from')(first, last)) }}
{%- endmacro %}

{% macro default__days_from(first, last) -%}
    generate_series({{ first }}, {{ last }}, interval 1 day)
{%- endmacro %}

{% macro spark__days_from(first, last) -%}
    sequence({{ first }}, {{ last }}, interval 1 day)
{%- endmacro %}


{# '12 May', and '12 May 2025' where the year is not that of `today`. #}
{% macro day_in_words(date, today) -%}
    {{ return(adapter.dispatch('day_in_words')(date, today)) }}
{%- endmacro %}

{% macro default__day_in_words(date, today) -%}
    case
        when year({{ date }}) = year({{ today }}) then strftime({{ date }}, '%-d %b')
        else strftime({{ date }}, '%-d %b %Y')
    end
{%- endmacro %}

{% macro spark__day_in_words(date, today) -%}
    case
        when year({{ date }}) = year({{ today }}) then date_format({{ date }}, 'd MMM')
        else date_format({{ date }}, 'd MMM yyyy')
    end
{%- endmacro %}


{# A text as a time, UTC where it names no zone; null where it is none. #}
{% macro utc_time(text) -%}
    {{ return(adapter.dispatch('utc_time')(text)) }}
{%- endmacro %}

{% macro default__utc_time(text) -%}
    case
        -- a date alone ends like an offset
        when {{ matches(text, "':[^:]*([Zz]|[+-][0-9]{2}:?([0-9]{2})?) *$'") }}
            then try_cast({{ text }} as timestamptz) at time zone 'UTC'
        else try_cast({{ text }} as timestamp)
    end
{%- endmacro %}

{% macro spark__utc_time(text) -%}
    to_utc_timestamp(try_to_timestamp({{ text }}), current_timezone())
{%- endmacro %}


{# The middle of several numbers; of an even number of them halfway between the two. #}
{% macro median_of(value) -%}
    {{ return(adapter.dispatch('median_of')(value)) }}
{%- endmacro %}

{% macro default__median_of(value) -%}
    median({{ value }})
{%- endmacro %}

{% macro spark__median_of(value) -%}
    percentile({{ value }}, 0.5)
{%- endmacro %}


{# Whole seconds from one time to another, the rest left out. #}
{% macro seconds_between(earlier, later) -%}
    cast(floor(
        ({{ microseconds(later) }} - {{ microseconds(earlier) }}) / 1000000
    ) as bigint)
{%- endmacro %}
