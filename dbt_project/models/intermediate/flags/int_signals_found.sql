-- One row a person and signal of seeds/flags/flag_signals.csv that holds for them.
with

slices as (

    select * from {{ ref('int_slices_owned') }}
    where not is_gone

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

-- none before the longest window matters
events as (

    select * from {{ ref('int_events_placed') }}
    where
        not is_gone
        and slice_id is not null
        and not is_bot
        and event_date > (select min(windows.after_date) from windows)

),

found as (

    select
        slices.person_id,
        windows.signal_id,
        count(*) as event_count
    from events
    inner join windows
        on
            (windows.event_type is null or events.event_type = windows.event_type)
            and (windows.event_name is null or events.event_name = windows.event_name)
            and (windows.page_class is null or events.page_class = windows.page_class)
            and events.event_date > windows.after_date
            and events.event_date <= windows.as_of_date
    inner join slices on events.slice_id = slices.slice_id
    group by
        slices.person_id,
        windows.signal_id

),

-- of those alone for whom it matters, and who are few
page_views as (

    select
        found.person_id,
        found.signal_id,
        count(*) as page_view_count
    from found
    inner join windows on found.signal_id = windows.signal_id
    inner join slices on found.person_id = slices.person_id
    inner join events on slices.slice_id = events.slice_id
    where
        events.event_type = 'page'
        and events.event_date > windows.after_date
        and events.event_date <= windows.as_of_date
    group by
        found.person_id,
        found.signal_id

)

select
    found.person_id,
    found.signal_id,
    windows.flag,
    found.event_count,
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
