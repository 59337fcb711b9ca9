-- Who raised a hand, and had we seen it coming?
--
-- One row a request for a demo or for sales, the latest first. `band_before` is the
-- band told by the last refresh of a day before the request, and `was_warm_before`
-- whether that was warm or hot. Both are null where nobody could know: nothing had
-- been refreshed yet, or the person had no name then. What they had done is counted in
-- any case, in sessions that began before, and in events of the 30 days before that a
-- scoring rule matches.
with

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

events as (

    select * from {{ ref('fct_events') }}
    where not is_bot

),

score_history as (

    select * from {{ ref('fct_score_history') }}

),

person_ids as (

    select * from {{ ref('map_person_ids') }}

),

session_people as (

    select session_people.*
    from {{ ref('fct_session_people') }} as session_people
    inner join {{ ref('fct_sessions') }} as sessions
        on session_people.session_id = sessions.session_id
    where not sessions.is_bot

),

hands as (

    select
        events.event_id,
        events.event_name,
        events.event_at,
        people.person_id,
        people.full_name,
        people.primary_email,
        people.company_name
    from events
    inner join people on events.person_id = people.person_id
    where
        events.event_type = 'track'
        and events.event_name in ('contact_sales', 'demo_request')

),

refreshed_days as (

    select distinct as_of_date
    from score_history

),

last_refreshes as (

    select
        hands.event_id,
        max(refreshed_days.as_of_date) as refreshed_date
    from hands
    inner join refreshed_days
        on cast(hands.event_at as date) > refreshed_days.as_of_date
    group by hands.event_id

),

-- under the ids of today; of two people who are one now, the keener
told as (

    select
        score_history.as_of_date,
        coalesce(person_ids.canonical_person_id, score_history.entity_id) as person_id,
        max(score_history.score) as score,
        max_by(score_history.band, score_history.score) as band
    from score_history
    left join person_ids on score_history.entity_id = person_ids.own_person_id
    where score_history.entity_type = 'person'
    group by
        score_history.as_of_date,
        coalesce(person_ids.canonical_person_id, score_history.entity_id)

),

namings as (

    select
        person_id,
        cast(min(event_at) as date) as named_date
    from events
    where
        user_id is not null
        or email is not null
    group by person_id

),

sessions_before as (

    select
        hands.event_id,
        count(*) as session_count
    from hands
    inner join session_people
        on
            hands.person_id = session_people.person_id
            and hands.event_at > session_people.first_event_at
    group by hands.event_id

),

interest_before as (

    select
        hands.event_id,
        count(*) as event_count
    from hands
    inner join events
        on
            hands.person_id = events.person_id
            and hands.event_at > events.event_at
            and {{ days_before('cast(hands.event_at as date)', 30) }}
            <= cast(events.event_at as date)
    where events.rule_id is not null
    group by hands.event_id

),

judged as (

    select
        hands.*,
        last_refreshes.refreshed_date,
        told.score as score_before,
        coalesce(sessions_before.session_count, 0) as sessions_before,
        coalesce(interest_before.event_count, 0) as scored_events_before,
        coalesce(
            told.band,
            case
                when namings.named_date <= last_refreshes.refreshed_date then 'cold'
            end
        ) as band_before
    from hands
    left join last_refreshes on hands.event_id = last_refreshes.event_id
    left join told
        on
            hands.person_id = told.person_id
            and last_refreshes.refreshed_date = told.as_of_date
    left join namings on hands.person_id = namings.person_id
    left join sessions_before on hands.event_id = sessions_before.event_id
    left join interest_before on hands.event_id = interest_before.event_id

)

select
    event_at as raised_at,
    event_name,
    full_name,
    primary_email,
    company_name,
    refreshed_date,
    band_before,
    score_before,
    sessions_before,
    scored_events_before,
    band_before in ('warm', 'hot') as was_warm_before
from judged
order by
    raised_at desc,
    event_id asc
