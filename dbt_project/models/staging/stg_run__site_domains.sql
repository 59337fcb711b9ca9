with

site_domains as (

    select * from {{ source('raw', 'site_domains') }}

)

select site_domain
from site_domains
