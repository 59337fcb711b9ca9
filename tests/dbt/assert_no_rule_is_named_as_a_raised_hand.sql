-- A returned row is a scoring rule whose id ends as the reason of a raised hand does:
-- its reasons would be taken for raised hands, and go before all others.
select rule_id
from {{ ref('scoring_rules') }}
where {{ tells_a_raised_hand('rule_id') }}
