-- A host that is a source by one seed and none by another, one that is not written as
-- hosts are compared, or a source's name that stands for two kinds.
with

source_hosts as (

    select * from {{ ref('source_hosts') }}

),

no_source_hosts as (

    select * from {{ ref('no_source_hosts') }}

),

listed as (

    select host from source_hosts
    union all
    select host from no_source_hosts

)

select
    host as what,
    'is in source_hosts and in no_source_hosts' as fault
from listed
group by host
having count(*) > 1
union all
select
    host as what,
    'has capitals, blanks, a path or www.' as fault
from listed
where host != lower(host) or {{ matches('host', "'[\\s/:]|^www[.]'") }}
union all
select
    source_name as what,
    'is the name of sources of two kinds' as fault
from source_hosts
group by source_name
having count(distinct category) > 1
