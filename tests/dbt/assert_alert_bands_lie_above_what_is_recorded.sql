-- A returned row is a band with alerts from which nobody could be seen to fall: what
-- lies alert_hysteresis_points below it is colder than what fct_score_history keeps.
with

recorded as (

    select min(minimum_score) as lowest_score
    from {{ ref('score_bands') }}
    where band != {{ score_band('0') }}

)

select bands.band
from {{ ref('score_bands') }} as bands
inner join {{ ref('alert_bands') }} as alert_bands on bands.band = alert_bands.band
cross join recorded
where
    bands.minimum_score - {{ var('alert_hysteresis_points') }} < recorded.lowest_score
