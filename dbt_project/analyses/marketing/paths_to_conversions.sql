-- By which ways do people come to a conversion, and which of them lead nowhere?
--
-- One row a sequence of channels, visits by the same one in a row taken together: the
-- thirty that most people took. `conversion_rate` is the share of them at whose end
-- somebody converted; of a path that few took it says little.
with

paths as (

    select * from {{ ref('fct_channel_paths') }}

)

select
    channel_path,
    count(*) as path_count,
    count(conversion_id) as conversion_count,
    count(conversion_id) / count(*) as conversion_rate
from paths
group by channel_path
order by
    path_count desc,
    channel_path asc
limit 30
