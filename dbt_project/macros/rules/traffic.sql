{#
A number of seeds/traffic/traffic_thresholds.csv, written out; null where the seed lacks it,
and then the rule holds for nobody.
#}
{% macro traffic_threshold(traffic_rule, threshold) -%}
    {%- set found = [] -%}
    {%- for row in rows_of_seed(
        ref('traffic_thresholds'), ['traffic_rule', 'threshold', 'value'],
        order_by='traffic_rule, threshold'
    ) -%}
        {%- if row['traffic_rule'] == traffic_rule and row['threshold'] == threshold -%}
            {%- do found.append(row['value']) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found[0] if found else 'null') }}
{%- endmacro %}


{# The same as a whole number for the frame of a window, which takes no null. #}
{% macro traffic_frame(traffic_rule, threshold, times=1) -%}
    {{ (traffic_threshold(traffic_rule, threshold) | float * times) | int }}
{%- endmacro %}


{#
Whether a mail's link led to the URL: an e-mail is its source or medium, in the spellings of
GA4, or it has a parameter that a mail system adds (seeds/channels/click_ids.csv).
#}
{% macro is_link_of_mail(url) -%}
    {%- set signs = ['utm_(?:source|medium)=e(?:[-_ +]|%20)?mail(?:[&#]|$)'] -%}
    {%- for row in rows_of_seed(
        ref('click_ids'), ['parameter', 'category'], order_by='parameter'
    ) -%}
        {%- if row['category'] == 'mail' -%}
            {%- do signs.append('\\Q' ~ row['parameter'] ~ '\\E=') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ matches(url, sql_text('(?i)^[^?#]*\\?(?:[^#]*&)?(?:' ~ signs | join('|') ~ ')')) }}
{%- endmacro %}


{# Whether an event came so long after it happened that figures of its day were read by then. #}
{% macro is_late_event(event_at, received_at) -%}
    {{ microseconds(received_at) }} - {{ microseconds(event_at) }}
    > {{ var('late_after_seconds') * 1000000 }}
{%- endmacro %}
