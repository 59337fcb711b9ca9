-- A returned row is a channel of sessions that neither the default channel groups nor
-- seeds/channels/custom_channels.csv have.
with

sessions as (

    select distinct channel
    from {{ ref('fct_sessions') }}

),

known as (

    select channel from {{ ref('channel_rules') }}
    union
    select channel from {{ ref('custom_channels') }}

)

select sessions.channel
from sessions
left join known on sessions.channel = known.channel
where
    known.channel is null
    and sessions.channel != 'Unassigned'
