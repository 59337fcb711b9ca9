-- A returned row is an internal network that no address can be in, since addresses are
-- kept as 203.0.113.0/24 and 2001:db8:12::/48.
with

internal_networks as (

    select * from {{ ref('internal_networks') }}

)

select network
from internal_networks
where
    not {{ matches(
        'network',
        "'^([0-9]{1,3}[.]){3}0/24$|^[0-9a-f]{0,4}(:[0-9a-f]{1,4}){0,2}::/48$'"
    ) }}
