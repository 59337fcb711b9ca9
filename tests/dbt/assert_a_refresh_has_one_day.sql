-- A returned row says that raw.refresh_settings does not hold exactly one row, so that
-- every score would be missing or told several times.
select count(*) as row_count
from {{ source('raw', 'refresh_settings') }}
having count(*) != 1
