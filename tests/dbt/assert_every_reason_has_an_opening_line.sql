-- The line that stands in for rules without one of their own is missing, so that a
-- brief would have nothing to say first.
select count(*) as line_count
from {{ ref('opening_lines') }}
where rule_id = 'any_other'
having count(*) != 1
