-- One row a person, rule and day that adds to the score today, with its share of it;
-- and one for each raised hand, which moves the band and not the score. Shares sum to
-- the score. What a reason says is written once: from day to day its share and its rank
-- are, and it goes with the rule that adds nothing any more.
-- depends_on: {{ ref('int_rules_shared') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        alive_column='rule_id',
        carried=[
            {
                'from': 'int_rules_shared',
                'on': 'target.person_id = source.person_id'
                ' and target.rule_id = source.rule_id'
                ' and target.event_date <= source.last_date'
                ' and target.event_date'
                ' >= coalesce(source.first_date, target.event_date)',
                'columns': {
                    'score_share': share_of_day(
                        'source', 'source.weight * target.counted', 'target.event_date'
                    ),
                    'is_told_by_hand_raise': is_told_by_hand_raise(
                        'source', 'target.event_date'
                    )
                }
            },
            {
                'columns': {
                    'reason_rank': reason_rank(
                        'target.person_id', tells_a_raised_hand('target.rule_id'),
                        'target.is_told_by_hand_raise', 'target.score_share',
                        'target.event_date', 'target.rule_id'
                    )
                }
            }
        ],
        same_for_all={'from': 'int_rulesets_dated', 'columns': ['as_of_date']},
        on_schema_change='fail'
    )
}}

with

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

hands as (

    select * from {{ ref('int_hands_raised') }}

),

{% if is_update() -%}
standing as (

    select max(as_of_date) as as_of_date
    from {{ this }}

),

{{ touched_cte() }}

-- of others too the days that count are not those of the refresh before, where one lies
-- after its day or this one's; and a year that turns, or a day that goes back, makes
-- all different
moved_after as (

    select
        case
            when
                settings.as_of_date >= standing.as_of_date
                and year(settings.as_of_date) = year(standing.as_of_date)
                then standing.as_of_date
            else cast('0001-01-01' as date)
        end as last_date
    from settings
    cross join standing

),

moved as (

    select person_id
    from {{ ref('int_rules_summed') }}
    where last_date > (select moved_after.last_date from moved_after)
    except
    select person_id from touched

),

people as (

    select person_id from touched
    union all
    select person_id from moved

),

days as {{ computed_first() }} (

    select * from {{ ref('int_person_days_counted') }}
    where load_id > {{ mark_of(this) }}
    union all
    select * from {{ ref('int_person_days_counted') }}
    where
        load_id <= {{ mark_of(this) }}
        and person_id in (select moved.person_id from moved)

),
{%- else %}
days as (

    select * from {{ ref('int_person_days_counted') }}

),
{%- endif %}

rules as (

    select * from {{ ref('scoring_rules') }}

),

reasons as (

    select
        days.person_id,
        days.rule_id,
        days.rule_id as reason_id,
        days.event_ids,
        days.event_date,
        days.event_count,
        days.counted,
        {%- if is_update() %}
        -- the steps of `carried` say what comes of it today, if anything does
        0e0 as score_share,
        false as is_told_by_hand_raise,
        {%- else %}
        {{ share_of_day('added', 'days.day_points', 'days.event_date') }}
            as score_share,
        {{ is_told_by_hand_raise('added', 'days.event_date') }}
            as is_told_by_hand_raise,
        {%- endif %}
        false as is_hand_raise
    from days
    {% if not is_update() -%}
    inner join {{ ref('int_rules_shared') }} as added
        on
            not added.is_hand_raise
            and days.person_id = added.person_id
            and days.rule_id = added.rule_id
            and days.event_date <= added.last_date
    {% endif -%}
    union all
    select
        person_id,
        rule_id,
        {{ hand_raise_id('rule_id') }} as reason_id,
        event_ids,
        event_date,
        event_count,
        counted,
        0e0 as score_share,
        false as is_told_by_hand_raise,
        true as is_hand_raise
    from hands

),

ranked as (

    select
        *,
        {{ reason_rank(
            'person_id', 'is_hand_raise', 'is_told_by_hand_raise', 'score_share',
            'event_date', 'reason_id'
        ) }} as reason_rank
    from reasons

),

told as (

    select
        ranked.person_id,
        ranked.event_ids,
        ranked.event_count,
        cast(ranked.counted as bigint) as counted,
        ranked.score_share,
        ranked.event_date,
        settings.as_of_date,
        ranked.is_told_by_hand_raise,
        ranked.reason_rank,
        ranked.reason_id as rule_id,
        rules.reason
        || case
            when ranked.event_count > 1 and not ranked.is_hand_raise
                then ' ' || cast(ranked.event_count as varchar) || ' times'
            else ''
        end
        || ' on ' || {{ day_in_words('ranked.event_date', 'settings.as_of_date') }}
        || case
            when ranked.is_hand_raise
                then ': hot for {{ var('hand_raise_days') }} days'
            when ranked.counted = 1 and ranked.event_count > 1 then '; 1 counts'
            when ranked.counted < ranked.event_count
                then '; ' || cast(ranked.counted as varchar) || ' count'
            else ''
        end as reason
    from ranked
    inner join rules on ranked.rule_id = rules.rule_id
    cross join settings

)

select
    {% if is_update() -%}
    people.person_id,
    {%- else -%}
    told.person_id,
    {%- endif %}
    told.rule_id,
    told.reason,
    told.event_ids,
    told.event_count,
    told.counted,
    told.score_share,
    told.is_told_by_hand_raise,
    told.event_date,
    told.as_of_date,
    told.reason_rank
{%- if is_update() %}
from people
left join told on people.person_id = told.person_id
{%- else %}
from told
{%- endif %}
