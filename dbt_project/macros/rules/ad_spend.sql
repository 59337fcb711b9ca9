{# A source, medium or campaign as tagged links have it: white space folded, lower case. #}
{% macro as_tagged(text) -%}
    coalesce(
        nullif(
            lower(trim({{ replaced_everywhere(text, "'[\\s\\pZ\\p{Cc}]+'", "' '") }})), ''
        ),
        '(not set)'
    )
{%- endmacro %}


{# The currency that amounts are reported in. #}
{% macro reporting_currency() -%}
    {{ sql_text(var('reporting_currency')) }}
{%- endmacro %}


{#
What an amount is in the reporting currency: exact, so that no sum of such amounts depends on its
order, and wide enough for the largest. Without a rate it stays as it is, in its own currency
(`reported_currency`).
#}
{% macro reported_amount(amount, rate) -%}
    cast({{ amount }} as decimal(26, 6)) * coalesce({{ rate }}, cast(1 as decimal(12, 6)))
{%- endmacro %}


{% macro reported_currency(currency, rate) -%}
    case
        when {{ rate }} is not null then {{ reporting_currency() }} else {{ currency }}
    end
{%- endmacro %}


{# One amount for each unit of another; null where there is none of that, or it says nothing. #}
{% macro ratio(amount, of, condition) -%}
    case
        when {{ condition }} and {{ of }} > 0
            then cast({{ amount }} as double) / cast({{ of }} as double)
    end
{%- endmacro %}


{#
In whole units, for a sentence; at most 10^15 - 1, since what an event says that it is worth
may be anything.
#}
{% macro whole_amount(amount) -%}
    cast(least(round({{ amount }}), 999999999999999) as bigint)
{%- endmacro %}
