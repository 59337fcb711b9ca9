{#
What a conversion is worth, which sessions led to it, and how it is shared among them;
docs/attribution.md gives the rules with an example.

Money has four decimals, credit twelve, both as decimals: what is shared out is counted in whole
units of the last place, so that the shares of a conversion sum to it to the digit, and neither the
order of rows nor the number of threads can change one.
#}

{# A text as an amount: plain digits, not negative, below 10^14; null where it is none. #}
{% macro amount_of(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', "'^[0-9]+([.][0-9]+)?$'") }}
            then try_cast(trim({{ text }}) as decimal(18, 4))
    end
{%- endmacro %}


{# A text as the three letters of a currency; null where it is none. #}
{% macro currency_of(text) -%}
    case
        when {{ matches('trim(' ~ text ~ ')', "'^[A-Za-z]{3}$'") }}
            then upper(trim({{ text }}))
    end
{%- endmacro %}


{# The channel of who came by no other, and of a conversion that no session led to. #}
{% macro direct_channel() -%}
    'Direct'
{%- endmacro %}


{#
Whether a session can have led somewhere: a page was seen in it, by no program. A server's events
and a call without a page make sessions too, but nobody came to the site by them.
#}
{% macro is_visit(sessions) -%}
    {{ sessions }}.entry_page_url is not null
    and not {{ sessions }}.is_bot
    and {{ sessions }}.traffic_flag is null
{%- endmacro %}


{# Whether a session began before the conversion or with it, at most the look-back earlier. #}
{% macro is_within_lookback(started_at, converted_at) -%}
    {{ microseconds(converted_at) }} - {{ microseconds(started_at) }}
    between 0 and {{ var('attribution_lookback_days') }} * 86400000000
{%- endmacro %}


{# The models, each with what a touchpoint weighs by it: see `credit_by_model`. #}
{% macro attribution_models() -%}
    {{ return({
        'first': 'case when position = 1 then 1e0 end',
        'last': 'case when position = touchpoint_count then 1e0 end',
        'last_non_direct': 'case when place = place_count then 1e0 end',
        'linear': '1e0',
        'position_based': position_weight('place', 'place_count'),
        'time_decay': half_life_decay(
            '(' ~ microseconds('last_touched_at') ~ ' - ' ~ microseconds('touched_at')
            ~ ') / 86400e6',
            var('attribution_half_life_days')
        ),
    }) }}
{%- endmacro %}


{# The ends weigh the same, and those between them share what is left; of two each is an end. #}
{% macro position_weight(place, place_count) -%}
    case
        when {{ place_count }} <= 2 then 1e0
        when {{ place }} in (1, {{ place_count }}) then {{ var('attribution_end_share') }}
        else (1e0 - 2 * {{ var('attribution_end_share') }}) / ({{ place_count }} - 2)
    end
{%- endmacro %}


{#
A query: the rows of `touchpoints` that get credit, once a model that gives them some, with `model`,
`credit` and `credited_value`. All models but `first` and `last` leave out what is Direct, where
anything else is there: those that stay have a place among them. Ages are taken from the last of
these and not from the conversion, which comes to the same shares and keeps the largest weight at 1.

touchpoints: a relation (conversion_id, channel, touched_at, position, touchpoint_count, value, and
whatever else is to come through). A conversion that nothing led to has one row there as well,
and all its credit goes to that.
#}
{% macro credit_by_model(touchpoints) -%}
    with

    judged as (

        select
            *,
            channel != {{ direct_channel() }}
            or not bool_or(channel != {{ direct_channel() }}) over (
                partition by conversion_id
            ) as is_counted
        from {{ touchpoints }}

    ),

    placed as (

        select
            *,
            case
                when is_counted
                    then
                        row_number() over (
                            partition by conversion_id, is_counted order by position
                        )
            end as place,
            count(*) filter (where is_counted) over (
                partition by conversion_id
            ) as place_count,
            max(touched_at) filter (where is_counted) over (
                partition by conversion_id
            ) as last_touched_at
        from judged

    ),

    weighed as (
        {%- for model, weight in attribution_models().items() %}
        {{ 'union all' if not loop.first }}
        select
            *,
            '{{ model }}' as model,
            {{ fixed_point(weight) }} as weight
        from placed
        where is_counted or '{{ model }}' in ('first', 'last')
        {%- endfor %}

    ),

    parts as (

        select
            *,
            cast(weight as double)
            / cast(sum(weight) over (partition by conversion_id, model) as double)
            * 1e12 as part
        from weighed
        where weight > 0

    ),

    credited as (

        select
            *,
            -- a double holds every twelfth decimal up to 1
            cast(({{ whole_part(
                'part', '1000000000000', 'conversion_id, model', 'position'
            ) }}) / 1e12 as decimal(18, 12)) as credit
        from parts

    )

    select
        *,
        {{ credited_value('value', 'credit', 'conversion_id, model', 'position') }}
            as credited_value
    from credited
{%- endmacro %}


{# The part of a value that goes with a credit; the parts of a conversion sum to its value. #}
{% macro credited_value(value, credit, partition_by, then_by) -%}
    {#- of nineteen digits: the product of two decimals of eighteen is one of eighteen -#}
    {%- set units
        = 'cast(cast(' ~ value ~ ' as decimal(22, 4)) * 10000 as decimal(19, 0))' -%}
    cast(({{ whole_part(
        units ~ ' * ' ~ credit, units, partition_by, then_by
    ) }}) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4))
{%- endmacro %}


{#
The parts of a whole number as whole numbers that sum to it: each rounded down, and what is missing
given to the largest remainders, one each.
#}
{% macro whole_part(part, whole, partition_by, then_by) -%}
    {%- set rounded = 'cast(floor(' ~ part ~ ') as decimal(18, 0))' -%}
    {{ rounded }}
    + case
        when
            row_number() over (
                partition by {{ partition_by }}
                order by {{ part }} - {{ rounded }} desc, {{ then_by }} asc
            ) <= {{ whole }} - sum({{ rounded }}) over (
                partition by {{ partition_by }}
            )
            then 1
        else 0
    end
{%- endmacro %}


{# What stands between two channels of a path; no channel has it in its name. #}
{% macro path_separator() -%}
    ' > '
{%- endmacro %}


{# The states of a Markov chain of channels that are no channel. #}
{% macro start_state() -%}
    '(start)'
{%- endmacro %}

{% macro conversion_state() -%}
    '(conversion)'
{%- endmacro %}

{% macro null_state() -%}
    '(null)'
{%- endmacro %}


{#
One of sixteen parts of all people, the same at any time: the first digit of the id, which is a hash.
#}
{% macro sixteenth_of(person_id) -%}
    substr(cast({{ person_id }} as varchar), 1, 1)
{%- endmacro %}


{#
Half of a 95% interval, from how far off a figure is without each sixteenth of the people: their
squares sum to sixteen fifteenths of its variance, and 2.131 is Student's t of fifteen degrees.
#}
{% macro jackknife_margin(difference) -%}
    2.131449545559323e0 * sqrt(
        15e0 / 16e0
        * cast(sum(cast(
            ({{ difference }}) * ({{ difference }}) as decimal(38, 20)
        )) as double)
    )
{%- endmacro %}
