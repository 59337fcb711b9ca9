-- Which channels bring people who become hot?
--
-- One row a channel, by the first session of each person. `hot_people` are hot now,
-- `ever_hot_people` are so or were on a day that was refreshed, and `ever_hot_rate` is
-- their share of the people whom the channel brought: compare that, not the counts.
-- People known from a server's events alone have no session of their own; bots and
-- excluded people are left out.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

score_history as (

    select * from {{ ref('fct_score_history') }}
    where
        entity_type = 'person'
        and band = 'hot'

),

person_ids as (

    select * from {{ ref('map_person_ids') }}

),

-- under the ids of today
formerly_hot as (

    select
        max(score_history.as_of_date) as last_hot_date,
        coalesce(person_ids.canonical_person_id, score_history.entity_id) as person_id
    from score_history
    left join person_ids on score_history.entity_id = person_ids.own_person_id
    group by coalesce(person_ids.canonical_person_id, score_history.entity_id)

),

judged as (

    select
        people.is_identified,
        coalesce(people.first_channel, 'No visit') as first_channel,
        people.intent_band = 'hot' as is_hot,
        (
            people.intent_band = 'hot'
            or formerly_hot.last_hot_date is not null
        ) as was_ever_hot
    from people
    left join formerly_hot on people.person_id = formerly_hot.person_id

)

select
    first_channel,
    count(*) as people,
    count(*) filter (where is_identified) as identified_people,
    count(*) filter (where is_hot) as hot_people,
    count(*) filter (where was_ever_hot) as ever_hot_people,
    count(*) filter (where was_ever_hot) / count(*) as ever_hot_rate
from judged
group by first_channel
order by
    ever_hot_rate desc,
    people desc,
    first_channel asc
