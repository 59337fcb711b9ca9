-- One row: the score of everyone of whom nothing tells any more.
{{ config(materialized='view') }}

select
    {{ score_band('0') }} as intent_band,
    0e0 as intent_score,
    0e0 as points,
    0e0 as score_change_7d
