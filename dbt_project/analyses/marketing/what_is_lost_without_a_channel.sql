-- What would be lost without a channel?
--
-- One row a month and channel. `lost_share` is the share of the month's conversions
-- whose paths would have broken off, by a Markov chain of all paths, those that led to
-- none included. `credit_share` makes them sum to 1, and lies with 95% certainty in
-- between the two shares beside it: where these are far apart, or those of two channels
-- overlap, the month had too few conversions to tell.
with

channels as (

    select * from {{ ref('rpt_channel_credit') }}

)

select
    path_month,
    channel,
    path_count,
    conversion_count,
    removal_effect as lost_share,
    credit as credit_share,
    credit_low as credit_share_low,
    credit_high as credit_share_high,
    credited_conversions
from channels
order by
    path_month desc,
    credit desc nulls last,
    channel asc
