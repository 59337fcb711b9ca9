-- How late do events arrive?
--
-- One row a class of delay between an event and its receipt, over all events. Late
-- events are put where they belong, so sessions and scores of past days can still
-- change; if many come later than a day, do not read yesterday's figures as final. A
-- clock that could not be corrected makes an event appear to be received before it
-- happened.
with

events as (

    select * from {{ ref('fct_events') }}

),

delays as (

    select
        (
            {{ microseconds('received_at') }} - {{ microseconds('event_at') }}
        ) / 1e6 as seconds
    from events

),

classed as (

    select
        seconds,
        case
            when seconds is null then 7
            when seconds < 0 then 1
            when seconds <= 60 then 2
            when seconds <= 3600 then 3
            when seconds <= 86400 then 4
            when seconds <= 604800 then 5
            else 6
        end as delay_class
    from delays

)

select
    delay_class,
    case delay_class
        when 1 then 'before it happened'
        when 2 then 'within a minute'
        when 3 then 'within an hour'
        when 4 then 'within a day'
        when 5 then 'within a week'
        when 6 then 'later'
        else 'not known'
    end as delay,
    count(*) as event_count,
    count(*) / sum(count(*)) over () as event_share,
    max(seconds) as longest_seconds
from classed
group by delay_class
order by delay_class
