{#
The id of the first rule that a source, medium, campaign and path match, custom ones before
those of Google Analytics; null where none does. The seeds are written out as a `case`,
since a pattern that is a constant is compiled once, and one that comes from a column once
a row.
#}
{% macro channel_rule_id() -%}
    {%- set conditions = [
        'source_category', 'source_pattern', 'medium_pattern', 'campaign_pattern'
    ] -%}
    {%- set custom = rows_of_seed(
        ref('custom_channels'), ['rule_id', 'path_pattern'] + conditions, order_by='priority'
    ) -%}
    {%- set default = rows_of_seed(
        ref('channel_rules'), ['rule_id'] + conditions, order_by='priority'
    ) -%}
    case
    {%- for rule in custom + default %}
        when {{ channel_condition(rule) }} then {{ sql_text(rule['rule_id']) }}
    {%- endfor %}
    end
{%- endmacro %}


{#
What a session arrived by, its first page and what led there, as a number: pairs of long texts are
looked for among all others by each step that asks for a channel.
#}
{% macro arrival_id(entry_page_url, referrer_url) -%}
    {{ hash_number("md5(" ~ entry_page_url ~ ") || coalesce(" ~ referrer_url ~ ", '')") }}
{%- endmacro %}


{# What a rule asks for: all of its columns that are filled. #}
{% macro channel_condition(rule) -%}
    {%- set asked = [] -%}
    {%- if rule['source_category'] -%}
        {%- do asked.append('category = ' ~ sql_text(rule['source_category'])) -%}
    {%- endif -%}
    {%- for column in ['source', 'medium', 'campaign', 'path'] -%}
        {%- if rule[column ~ '_pattern'] -%}
            {%- do asked.append(matches(column, sql_text(rule[column ~ '_pattern']))) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(asked | join(' and ') or 'false') }}
{%- endmacro %}
