-- A returned row is where the lowest band of seeds/scoring/score_bands.csv begins, from
-- above 0: a score below it has no band. Give one, `cold` as shipped, a minimum_score
-- of 0.
select min(minimum_score) as lowest_score
from {{ ref('score_bands') }}
having coalesce(min(minimum_score) > 0, true)
