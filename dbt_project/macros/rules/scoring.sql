{#
The arithmetic of scores; docs/rules.md gives the formulas with an example.

Every term of a sum is first rounded to twelve decimals and summed as a decimal, so that
neither the order of rows nor the number of threads can change a digit.
#}

{% macro fixed_point(number) -%}
    cast({{ number }} as decimal(38, 12))
{%- endmacro %}


{# The name of the reason that says that a raised hand makes hot, and whether one is such a name. #}
{% macro hand_raise_id(rule_id) -%}
    {{ rule_id }} || '_hand_raise'
{%- endmacro %}

{% macro tells_a_raised_hand(rule_id) -%}
    right({{ rule_id }}, 11) = '_hand_raise'
{%- endmacro %}


{# What is left after `days` whole days. #}
{% macro half_life_decay(days, half_life_days) -%}
    power(2e0, -({{ days }}) / {{ half_life_days }})
{%- endmacro %}


{# What a day's points are worth on the rule's last day, as a term of an exact sum. #}
{% macro points_on(day_points, event_date, last_date, half_life_days) -%}
    {{ fixed_point(
        day_points ~ ' * '
        ~ half_life_decay(days_between(event_date, last_date), half_life_days)
    ) }}
{%- endmacro %}


{#
What a day adds to the score: its share of what its rule adds, by what is left of its points.
`rule` is a row of int_rules_shared.
#}
{% macro share_of_day(rule, day_points, event_date) -%}
    {{ rule }}.score_added * (
        cast({{ points_on(
            day_points, event_date, rule ~ '.last_date', rule ~ '.half_life_days'
        ) }} as double) / {{ rule }}.points_at_last_date
    )
{%- endmacro %}


{#
Whether a raised hand tells of the same day too: "Asked for a demo on 25 Jun: hot for 14 days". As
in int_hands_raised, without a join of all days to the few hands.
#}
{% macro is_told_by_hand_raise(rule, event_date) -%}
    coalesce({{ event_date }} > {{ rule }}.hands_raised_after, false)
{%- endmacro %}


{#
Which reason of a person to tell first: a raised hand goes before all, whatever its share; what a
raised hand has told already comes last.
#}
{% macro reason_rank(person_id, is_hand_raise, is_told, score_share, event_date, rule_id) -%}
    row_number() over (
        partition by {{ person_id }}
        order by
            {{ is_hand_raise }} desc,
            {{ is_told }} asc,
            {{ score_share }} desc,
            {{ event_date }} desc,
            {{ rule_id }} asc
    )
{%- endmacro %}


{# What the person of a rank adds to an account: all of the first, less of each next. #}
{% macro rank_decay(rank) -%}
    power(cast({{ var('account_rank_decay') }} as double), {{ rank }} - 1)
{%- endmacro %}


{# What so many active people add to an account, as a share of its points. #}
{% macro diversity_bonus(active_people) -%}
    log2(least(greatest({{ active_people }}, 1), {{ var('diversity_people_cap') }}))
    * {{ var('diversity_bonus') }}
{%- endmacro %}


{# The more, the less each adds: never above the ceiling, and the first point whole. #}
{% macro saturate(amount, ceiling) -%}
    case
        when {{ ceiling }} > 0
            then {{ ceiling }} * (1 - exp(-({{ amount }}) / {{ ceiling }}))
        else 0e0
    end
{%- endmacro %}


{# Points to a score of 0 to 100: `scale` points make 50, twice as many 75. #}
{% macro score_of_points(points, scale) -%}
    100 * (1 - power(2e0, -({{ points }}) / {{ scale }}))
{%- endmacro %}


{# The band of a score: the highest of seeds/scoring/score_bands.csv that it reaches. #}
{% macro score_band(score) -%}
    {%- set bands = rows_of_seed(
        ref('score_bands'), ['band', 'minimum_score'], order_by='minimum_score desc'
    ) -%}
    case
    {%- for band in bands %}
        when round({{ score }}, 9) >= {{ band['minimum_score'] }}
            then {{ sql_text(band['band']) }}
    {%- endfor %}
    end
{%- endmacro %}


{#
A score as people read it: the whole points that it has reached. Rounded down, so that none is
told that its band contradicts (39.9958 is cool, and 39); after rounding to nine places, as
bands are.
#}
{% macro whole_score(score) -%}
    cast(floor(round({{ score }}, 9)) as bigint)
{%- endmacro %}


{# The change of a score in what people read of it then and now. #}
{% macro whole_change(score, change) -%}
    {{ whole_score(score) }} - {{ whole_score(score ~ ' - ' ~ change) }}
{%- endmacro %}


{#
The shares of a score as whole numbers that sum to its whole points: each rounded down, and
what is missing given to the largest remainders, one each.
#}
{% macro whole_share(share, score, partition_by, then_by) -%}
    cast(floor({{ share }}) as bigint)
    + case
        when
            row_number() over (
                partition by {{ partition_by }}
                order by {{ share }} - floor({{ share }}) desc, {{ then_by }} asc
            ) <= {{ whole_score(score) }} - sum(cast(floor({{ share }}) as bigint)) over (
                partition by {{ partition_by }}
            )
            then 1
        else 0
    end
{%- endmacro %}
