-- Why did somebody become hot, and when?
--
-- The story of one person in order of time, here of the person with the highest score
-- who has a name; for another, write `and primary_email = 'anna@example.com'` into
-- `chosen`. A row of kind `reason` is a day of one rule: its share of today's score,
-- and how far the shares have come with it (the last is today's score). A row of kind
-- `score` is the score that was told on a day that was refreshed, where it was cool or
-- above.
with

chosen as (

    select person_id
    from {{ ref('dim_people') }}
    where
        exclusion_reason is null
        and is_identified
    order by
        intent_score desc,
        person_id asc
    limit 1

),

-- scores of earlier days may stand under an id from before a merge
known_ids as (

    select distinct map_person_ids.own_person_id as person_id
    from {{ ref('map_person_ids') }} as map_person_ids
    inner join chosen on map_person_ids.canonical_person_id = chosen.person_id

),

reasons as (

    select person_score_reasons.*
    from {{ ref('fct_person_score_reasons') }} as person_score_reasons
    inner join chosen on person_score_reasons.person_id = chosen.person_id

),

told as (

    select score_history.*
    from {{ ref('fct_score_history') }} as score_history
    inner join known_ids on score_history.entity_id = known_ids.person_id
    where score_history.entity_type = 'person'

),

story as (

    select
        event_date as story_date,
        'reason' as kind,
        reason as what,
        score_share,
        sum(score_share) over (
            order by event_date, rule_id
            rows between unbounded preceding and current row
        ) as score_so_far,
        cast(null as varchar) as band
    from reasons
    union all
    select
        as_of_date as story_date,
        'score' as kind,
        'Score told on that day' as what,
        cast(null as double) as score_share,
        score as score_so_far,
        band
    from told

)

select
    story_date,
    kind,
    what,
    score_share,
    score_so_far,
    band
from story
order by
    story_date asc,
    kind asc,
    score_so_far asc
