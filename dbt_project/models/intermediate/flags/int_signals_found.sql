-- One row a person and signal of seeds/flags/flag_signals.csv that holds for them. What
-- counts for no score, of programs and from networks of one's own, is no signal either.
with

slices as {{ read_each_time() }} (

    select slices.*
    from {{ ref('int_slices_owned') }} as slices
    left join {{ ref('int_visitors_flagged') }} as flagged
        on
            slices.visitor_id = flagged.visitor_id
            and not flagged.is_gone
    where
        not slices.is_gone
        and flagged.visitor_id is null

),

signals as (

    select * from {{ ref('flag_signals') }}

),

settings as (

    select * from {{ ref('stg_run__settings') }}

),

windows as (

    select
        signals.*,
        settings.as_of_date,
        {{ days_before('settings.as_of_date', 'signals.within_days') }} as after_date
    from signals
    cross join settings

),

found as (

    select
        slices.person_id,
        windows.signal_id,
        sum(counted.event_count) as event_count
    from {{ ref('int_signal_days_counted') }} as counted
    inner join windows
        on
            counted.signal_id = windows.signal_id
            and counted.event_date > windows.after_date
            and counted.event_date <= windows.as_of_date
    inner join slices on counted.slice_id = slices.slice_id
    group by
        slices.person_id,
        windows.signal_id

),

-- the page views matter of few, and on few days
weighed as {{ computed_first() }} (

    select
        found.person_id,
        found.signal_id,
        windows.after_date,
        windows.as_of_date
    from found
    inner join windows on found.signal_id = windows.signal_id
    where
        found.event_count >= windows.minimum_count
        and windows.minimum_share > 0

),

page_views as (

    select
        weighed.person_id,
        weighed.signal_id,
        count(*) as page_view_count
    from weighed
    inner join slices on weighed.person_id = slices.person_id
    inner join {{ ref('int_events_placed') }} as events
        on slices.slice_id = events.slice_id
    where
        events.event_type = 'page'
        and not events.is_gone
        and not events.is_bot
        and not events.is_internal
        and events.event_date > weighed.after_date
        and events.event_date <= weighed.as_of_date
        and events.event_date > (select min(one.after_date) from weighed as one)
    group by
        weighed.person_id,
        weighed.signal_id

)

select
    found.person_id,
    found.signal_id,
    windows.flag,
    cast(found.event_count as bigint) as event_count,
    windows.reason
    || case
        when found.event_count > 1
            then ' ' || cast(found.event_count as varchar) || ' times'
        else ''
    end
    || ' in ' || cast(windows.within_days as varchar) || ' days' as reason
from found
inner join windows on found.signal_id = windows.signal_id
left join page_views
    on
        found.person_id = page_views.person_id
        and found.signal_id = page_views.signal_id
where
    found.event_count >= windows.minimum_count
    and found.event_count
    >= windows.minimum_share * coalesce(page_views.page_view_count, 0)
