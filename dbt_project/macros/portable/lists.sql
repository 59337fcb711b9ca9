{# Lists, and windows that look back, as DuckDB and Spark spell them. #}

{% macro list_in_order(value, order_by) -%}
    {{ return(adapter.dispatch('list_in_order')(value, order_by)) }}
{%- endmacro %}

{% macro default__list_in_order(value, order_by) -%}
    list({{ value }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__list_in_order(value, order_by) -%}
    transform(
        array_sort(collect_list(struct({{ order_by }} as sort_key, {{ value }} as item))),
        pair -> pair.item
    )
{%- endmacro %}


{% macro joined_in_order(value, separator, order_by) -%}
    {{ return(adapter.dispatch('joined_in_order')(value, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_in_order(value, separator, order_by) -%}
    string_agg({{ value }}, {{ separator }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_in_order(value, separator, order_by) -%}
    array_join({{ list_in_order(value, order_by) }}, {{ separator }})
{%- endmacro %}


{# One row an element; to be used in a select list. #}
{% macro rows_of(list) -%}
    {{ return(adapter.dispatch('rows_of')(list)) }}
{%- endmacro %}

{% macro default__rows_of(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__rows_of(list) -%}
    explode({{ list }})
{%- endmacro %}


{#
One row a part of a text, with its position; to be used in a select list, where it makes the
columns `part` and `part_position`.
#}
{% macro numbered_parts(text, separator) -%}
    {{ return(adapter.dispatch('numbered_parts')(text, separator)) }}
{%- endmacro %}

{% macro default__numbered_parts(text, separator) -%}
    unnest(string_split({{ text }}, {{ separator }})) as part,
    generate_subscripts(string_split({{ text }}, {{ separator }}), 1) as part_position
{%- endmacro %}

{% macro spark__numbered_parts(text, separator) -%}
    posexplode(split({{ text }}, {{ separator }})) as (part_position, part)
{%- endmacro %}


{#
One row a step from one part of a text to the next, numbered: from `start`, which is none of them,
to the first, and from the last to null.
#}
{% macro numbered_steps(text, separator, start) -%}
    {{ return(adapter.dispatch('numbered_steps')(text, separator, start)) }}
{%- endmacro %}

{% macro default__numbered_steps(text, separator, start) -%}
    {%- set parts = 'string_split(' ~ text ~ ', ' ~ separator ~ ')' -%}
    unnest(list_prepend({{ start }}, {{ parts }})) as from_part,
    unnest(list_append({{ parts }}, null)) as to_part,
    generate_subscripts(list_append({{ parts }}, null), 1) as step_position
{%- endmacro %}

{% macro spark__numbered_steps(text, separator, start) -%}
    {%- set parts = 'split(' ~ text ~ ', ' ~ separator ~ ')' -%}
    inline(arrays_zip(
        array_prepend({{ parts }}, {{ start }}),
        array_append({{ parts }}, null),
        sequence(1, size({{ parts }}) + 1)
    )) as (from_part, to_part, step_position)
{%- endmacro %}


{# How many different values there are, as far as the window reaches. #}
{% macro count_distinct_over(value, window) -%}
    {{ return(adapter.dispatch('count_distinct_over')(value, window)) }}
{%- endmacro %}

{% macro default__count_distinct_over(value, window) -%}
    count(distinct {{ value }}) over (
            {{ window }}
        )
{%- endmacro %}

{% macro spark__count_distinct_over(value, window) -%}
    size(collect_set({{ value }}) over (
            {{ window }}
        ))
{%- endmacro %}


{# The last value that is not null, as far as the window reaches. #}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch('last_known')(value)) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(value) -%}
    last_value({{ value }}) ignore nulls
{%- endmacro %}


{#
The (time, item) pairs of a group, in this order. They are listed as they come and then sorted: an
aggregate that sorts costs three times as much where groups are many and small.
#}
{% macro pairs_in_order(time, item) -%}
    {{ return(adapter.dispatch('pairs_in_order')(time, item)) }}
{%- endmacro %}

{% macro default__pairs_in_order(time, item) -%}
    list_sort(list({'time': {{ time }}, 'item': {{ item }}}))
{%- endmacro %}

{% macro spark__pairs_in_order(time, item) -%}
    array_sort(collect_list(struct({{ time }} as time, {{ item }} as item)))
{%- endmacro %}


{# One side of a list of such pairs: of each its `time`, or its `item`. #}
{% macro side_of(pairs, name) -%}
    {{ return(adapter.dispatch('side_of')(pairs, name)) }}
{%- endmacro %}

{% macro default__side_of(pairs, name) -%}
    list_transform({{ pairs }}, lambda pair: pair.{{ name }})
{%- endmacro %}

{% macro spark__side_of(pairs, name) -%}
    transform({{ pairs }}, pair -> pair.{{ name }})
{%- endmacro %}


{# The lists of a group as one: each comes in the order of (time, item), and so does the whole. #}
{% macro lists_merged_in_order(items, times) -%}
    {{ return(adapter.dispatch('lists_merged_in_order')(items, times)) }}
{%- endmacro %}

{% macro default__lists_merged_in_order(items, times) -%}
    list_transform(
        list_sort(flatten(list(list_zip({{ times }}, {{ items }})))),
        lambda pair: pair[2]
    )
{%- endmacro %}

{% macro spark__lists_merged_in_order(items, times) -%}
    transform(
        array_sort(flatten(collect_list(arrays_zip({{ times }}, {{ items }})))),
        pair -> pair['1']
    )
{%- endmacro %}


{# The list of whole numbers from 0 to the last, both included. #}
{% macro numbers_to(last) -%}
    {{ return(adapter.dispatch('numbers_to')(last)) }}
{%- endmacro %}

{% macro default__numbers_to(last) -%}
    range(0, {{ last }} + 1)
{%- endmacro %}

{% macro spark__numbers_to(last) -%}
    sequence(0, {{ last }})
{%- endmacro %}


{# The element at a place, counting from 1. #}
{% macro item_at(list, place) -%}
    {{ return(adapter.dispatch('item_at')(list, place)) }}
{%- endmacro %}

{% macro default__item_at(list, place) -%}
    {{ list }}[{{ place }}]
{%- endmacro %}

{% macro spark__item_at(list, place) -%}
    element_at({{ list }}, {{ place }})
{%- endmacro %}


{# A list of numbers less so many times another, element by element. #}
{% macro list_less(list, times, other) -%}
    {{ return(adapter.dispatch('list_less')(list, times, other)) }}
{%- endmacro %}

{% macro default__list_less(list, times, other) -%}
    list_transform(
        list_zip({{ list }}, {{ other }}),
        lambda pair: pair[1] - {{ times }} * pair[2]
    )
{%- endmacro %}

{% macro spark__list_less(list, times, other) -%}
    zip_with({{ list }}, {{ other }}, (own, less) -> own - {{ times }} * less)
{%- endmacro %}
