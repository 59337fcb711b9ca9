-- The one sort: narrow rows in the order of each device's time. Calls that are in no
-- session go behind those that are, so that the row before is always the event before.
create temp table timeline as
select
    events.event_row,
    devices.visitor_number,
    devices.is_shared,
    coalesce(shared_events.person_number, devices.person_number) as person_number,
    shared_events.slice_number,
    events.event_at,
    events.event_id,
    events.is_outside,
    events.is_page_view,
    events.is_conversion,
    events.is_bot,
    events.bot_name,
    events.url_number,
    events.class_number,
    events.rule_number,
    devices.visitor_md5
from events
inner join devices on events.visitor_id = devices.visitor_id
left join shared_events on events.event_row = shared_events.event_row
order by devices.visitor_number, events.is_outside, events.event_at, events.event_id;

-- Over rows in order, windows without partition or order stream: no second sort.
create temp table placed as
with

gaps as (

    select
        *,
        row_number() over () as place,
        lag(visitor_number) over () as previous_visitor,
        lag(event_at) over () as previous_at
    from timeline

),

starts as (

    select
        *,
        not is_outside and (
            previous_visitor is distinct from visitor_number
            or event_at - previous_at > getvariable('session_gap')
        ) as is_start
    from gaps

)

select
    * exclude (previous_visitor, previous_at),
    if(
        is_outside,
        null,
        sum(is_start::integer) over (rows between unbounded preceding and current row)
    )::bigint as session_key
from starts;

create temp table sessions as
with

aggregated as (

    select
        session_key,
        any_value(visitor_number) as visitor_number,
        arg_max(person_number, place) as person_number,
        -- of rows without a URL these two keep silent
        arg_min(url_number, place) as entry_url_number,
        arg_max(url_number, place) as exit_url_number,
        arg_min(event_row, place) filter (where url_number is not null) as entry_row,
        min(bot_name) as bot_name,
        count(*) as event_count,
        count(*) filter (where is_page_view) as page_view_count,
        bool_or(is_conversion) as has_conversion,
        bool_and(is_bot) as is_bot,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from placed
    where session_key is not null
    group by session_key

)

select
    aggregated.*,
    md5(first_events.visitor_md5 || first_events.event_id)::uuid as session_id,
    first_events.is_shared,
    row_number() over (
        partition by aggregated.visitor_number order by aggregated.session_key
    ) as session_number
from placed as first_events
inner join aggregated on first_events.session_key = aggregated.session_key
where first_events.is_start;
