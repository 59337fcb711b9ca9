-- One row an alert: a person or account that has risen into a band of
-- seeds/scoring/alert_bands.csv. It records what was told, so no rebuild touches it and
-- a second refresh of a day adds only what is new. Only a refresh as of today alerts.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook="{{ ids_as_they_are_now('entity_id') }}"
    )
}}

with

history as (

    select * from {{ ref('fct_score_history') }}

),

band_history as (

    select * from {{ ref('fct_band_history') }}

),

bands as (

    select * from {{ ref('score_bands') }}

),

alert_bands as (

    select * from {{ ref('alert_bands') }}

),

today as (

    select
        as_of_date,
        ruleset_id
    from {{ ref('int_rulesets_dated') }}
    where is_as_of_today

),

told as (

    {% if is_incremental() -%}
    select
        entity_type,
        entity_id,
        as_of_date
    from {{ this }}
    {%- else -%}
    select
        entity_type,
        entity_id,
        as_of_date
    from history
    where false
    {%- endif %}

),

spoken_of as (

    select entity_id from history
    union
    select entity_id from told

),

person_ids as (

    select * from {{ ref('map_person_ids') }}
    where own_person_id in ({{ few_of('entity_id', 'spoken_of') }})

),

refreshed_dates as (

    select distinct band_history.as_of_date
    from band_history
    inner join today on band_history.as_of_date < today.as_of_date
    where
        {{ days_between('band_history.as_of_date', 'today.as_of_date') }}
        <= {{ var('alert_memory_days') }}

),

-- under the id that a person has now; of two who have become one the keener counts
standings as (

    select
        history.entity_type,
        history.as_of_date,
        coalesce(person_ids.canonical_person_id, history.entity_id) as entity_id,
        max(history.score) as score,
        max(bands.minimum_score) as minimum_score,
        max_by(history.band, bands.minimum_score) as band
    from history
    inner join bands on history.band = bands.band
    left join person_ids
        on
            history.entity_type = 'person'
            and history.entity_id = person_ids.own_person_id
    group by
        history.entity_type,
        coalesce(person_ids.canonical_person_id, history.entity_id),
        history.as_of_date

),

last_told as (

    select
        told.entity_type,
        coalesce(person_ids.canonical_person_id, told.entity_id) as entity_id,
        max(told.as_of_date) as told_date
    from told
    left join person_ids
        on
            told.entity_type = 'person'
            and told.entity_id = person_ids.own_person_id
    group by
        told.entity_type,
        coalesce(person_ids.canonical_person_id, told.entity_id)

),

candidates as (

    select
        standings.*,
        today.ruleset_id,
        last_told.told_date
    from standings
    inner join today on standings.as_of_date = today.as_of_date
    inner join alert_bands on standings.band = alert_bands.band
    left join last_told
        on
            standings.entity_type = last_told.entity_type
            and standings.entity_id = last_told.entity_id
    where
        last_told.told_date is null
        or {{ days_between('last_told.told_date', 'today.as_of_date') }}
        >= {{ var('alert_pause_days') }}

),

-- what was known of each on each earlier date; who has no row was below cool
earlier as (

    select
        candidates.entity_type,
        candidates.entity_id,
        refreshed_dates.as_of_date,
        coalesce(standings.band, {{ score_band('0') }}) as band,
        coalesce(standings.minimum_score >= candidates.minimum_score, false)
            as is_reached,
        coalesce(
            standings.score
            >= candidates.minimum_score - {{ var('alert_hysteresis_points') }},
            false
        ) as is_near,
        -- what comes up in the days after an alert is told at their end, if it holds
        coalesce(
            refreshed_dates.as_of_date > candidates.told_date
            and {{ days_between('candidates.told_date', 'refreshed_dates.as_of_date') }}
            < {{ var('alert_pause_days') }},
            false
        ) as is_in_pause
    from candidates
    cross join refreshed_dates
    left join standings
        on
            candidates.entity_type = standings.entity_type
            and candidates.entity_id = standings.entity_id
            and refreshed_dates.as_of_date = standings.as_of_date

),

decided as (

    select
        entity_type,
        entity_id,
        max_by(band, as_of_date) filter (where not is_in_pause) as band_before,
        max(as_of_date) filter (where is_reached and not is_in_pause) as reached_date,
        max(as_of_date) filter (where not is_reached and not is_near) as fallen_date
    from earlier
    group by
        entity_type,
        entity_id

)

select
    candidates.entity_type,
    candidates.entity_id,
    candidates.band,
    candidates.ruleset_id,
    candidates.score,
    candidates.as_of_date,
    md5(
        candidates.entity_type
        || ' ' || cast(candidates.entity_id as varchar)
        || ' ' || cast(candidates.as_of_date as varchar)
    ) as alert_id,
    coalesce(decided.band_before, {{ score_band('0') }}) as band_before
from candidates
inner join decided
    on
        candidates.entity_type = decided.entity_type
        and candidates.entity_id = decided.entity_id
where
    decided.reached_date is null
    or decided.fallen_date > decided.reached_date
