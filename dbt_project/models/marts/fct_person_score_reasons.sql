-- One row a person, rule and day that adds to the score today, with its share of it;
-- and one for each raised hand, which moves the band and not the score. Shares sum to
-- the score.
with

buckets as (

    select * from {{ ref('int_buckets_decayed') }}
    where is_current

),

saturated as (

    select * from {{ ref('int_rules_saturated') }}
    where is_current

),

scores as (

    select * from {{ ref('int_people_scored') }}
    where points > 0

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

events as (

    select * from {{ ref('int_events_scored') }}

),

slices as (

    select * from {{ ref('int_slices_owned') }}

),

shares as (

    select
        buckets.as_of_date,
        buckets.person_id,
        buckets.rule_id,
        buckets.event_date,
        buckets.event_count,
        buckets.counted,
        scores.intent_score
        * (cast(saturated.points as double) / scores.points)
        * (
            cast(buckets.points_at_last_date as double)
            / cast(saturated.points_at_last_date as double)
        ) as score_share,
        buckets.event_date = saturated.last_date and saturated.is_hand_raised
            as is_hand_raised
    from buckets
    inner join saturated
        on
            buckets.person_id = saturated.person_id
            and buckets.rule_id = saturated.rule_id
    inner join scores on buckets.person_id = scores.person_id
    where saturated.points > 0

),

evidence as (

    select
        slices.person_id,
        events.rule_id,
        events.event_date,
        {{ list_in_order('events.event_id', 'events.event_at, events.event_id') }}
            as event_ids
    from events
    inner join slices on events.slice_id = slices.slice_id
    inner join scores on slices.person_id = scores.person_id
    group by all

),

told as (

    select
        shares.*,
        rules.reason
        || case
            when shares.event_count > 1
                then ' ' || cast(shares.event_count as varchar) || ' times'
            else ''
        end
        || ' on ' || {{ day_in_words('shares.event_date', 'shares.as_of_date') }}
        || case
            when shares.counted = 1 and shares.event_count > 1 then '; 1 counts'
            when shares.counted < shares.event_count
                then '; ' || cast(shares.counted as varchar) || ' count'
            else ''
        end as reason,
        rules.reason
        || ' on ' || {{ day_in_words('shares.event_date', 'shares.as_of_date') }}
        || ': hot for {{ var('hand_raise_days') }} days' as hand_raise_reason,
        evidence.event_ids
    from shares
    inner join rules on shares.rule_id = rules.rule_id
    inner join evidence
        on
            shares.person_id = evidence.person_id
            and shares.rule_id = evidence.rule_id
            and shares.event_date = evidence.event_date

),

reasons as (

    select
        as_of_date,
        person_id,
        rule_id,
        event_date,
        event_count,
        counted,
        score_share,
        reason,
        event_ids
    from told
    union all
    select
        as_of_date,
        person_id,
        rule_id || '_hand_raise' as rule_id,
        event_date,
        event_count,
        counted,
        0e0 as score_share,
        hand_raise_reason as reason,
        event_ids
    from told
    where is_hand_raised

)

select
    person_id,
    rule_id,
    reason,
    event_ids,
    event_count,
    cast(counted as bigint) as counted,
    score_share,
    event_date,
    as_of_date
from reasons
