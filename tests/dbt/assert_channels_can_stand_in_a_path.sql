-- A returned row is a channel whose name would be taken for two in a path, or for the
-- start or the end of one.
with

channels as (

    select channel from {{ ref('channel_rules') }}
    union
    select channel from {{ ref('custom_channels') }}

)

select channel
from channels
where
    channel != replace(channel, {{ path_separator() }}, '')
    or channel in ({{ start_state() }}, {{ conversion_state() }}, {{ null_state() }})
