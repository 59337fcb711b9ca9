-- One row a person, rule and day that adds to the score today, with its share of it;
-- and one for each raised hand, which moves the band and not the score. Shares sum to
-- the score.
with

days as (

    select * from {{ ref('int_person_days_counted') }}

),

saturated as (

    select * from {{ ref('int_rules_saturated') }}
    where is_current

),

capped_groups as (

    select * from {{ ref('int_groups_capped') }}
    where is_current

),

scores as (

    select * from {{ ref('int_people_scored') }}
    where points > 0

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

hands as (

    select * from {{ ref('int_hands_raised') }}

),

-- what a rule adds to the points, once the cap of its group has spoken
added as (

    select
        saturated.as_of_date,
        saturated.person_id,
        saturated.rule_id,
        saturated.last_date,
        rules.half_life_days,
        rules.is_hand_raise,
        cast(saturated.points_at_last_date as double) as points_at_last_date,
        cast(saturated.points as double)
        * coalesce(
            cast(capped_groups.points as double)
            / cast(capped_groups.rule_points as double),
            1
        ) as points
    from saturated
    inner join rules on saturated.rule_id = rules.rule_id
    left join capped_groups
        on
            saturated.person_id = capped_groups.person_id
            and rules.score_group = capped_groups.score_group
    where saturated.points > 0

),

shares as (

    select
        added.as_of_date,
        days.person_id,
        days.rule_id,
        days.rule_id as reason_id,
        days.event_ids,
        days.event_date,
        days.event_count,
        days.counted,
        scores.intent_score
        * (added.points / scores.points)
        * (
            cast({{ points_on(
                'days.day_points', 'days.event_date', 'added.last_date',
                'added.half_life_days'
            ) }} as double)
            / added.points_at_last_date
        ) as score_share,
        false as is_hand_raise,
        -- "Asked for a demo on 25 Jun: hot for 14 days" says this one too. As in
        -- int_hands_raised, without a join of all days to the few hands
        added.is_hand_raise and days.event_date > {{ days_before(
            'added.as_of_date', var('hand_raise_days')
        ) }} as is_told_by_hand_raise
    from days
    inner join added
        on
            days.person_id = added.person_id
            and days.rule_id = added.rule_id
            and days.event_date <= added.last_date
    inner join scores on days.person_id = scores.person_id
    where added.points > 0

),

reasons as (

    select * from shares
    union all
    select
        as_of_date,
        person_id,
        rule_id,
        {{ hand_raise_id('rule_id') }} as reason_id,
        event_ids,
        event_date,
        event_count,
        counted,
        0e0 as score_share,
        true as is_hand_raise,
        false as is_told_by_hand_raise
    from hands

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id
            order by
                -- a raised hand goes first, whatever its share
                is_hand_raise desc,
                is_told_by_hand_raise asc,
                score_share desc,
                event_date desc,
                reason_id asc
        ) as reason_rank
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
        ranked.as_of_date,
        ranked.is_told_by_hand_raise,
        ranked.reason_rank,
        ranked.reason_id as rule_id,
        rules.reason
        || case
            when ranked.event_count > 1 and not ranked.is_hand_raise
                then ' ' || cast(ranked.event_count as varchar) || ' times'
            else ''
        end
        || ' on ' || {{ day_in_words('ranked.event_date', 'ranked.as_of_date') }}
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

)

select
    person_id,
    rule_id,
    reason,
    event_ids,
    event_count,
    counted,
    score_share,
    is_told_by_hand_raise,
    event_date,
    as_of_date,
    reason_rank
from told
