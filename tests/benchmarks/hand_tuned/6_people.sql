create table fct_events as
select
    raw_events.event_id,
    raw_events.event_type,
    raw_events.event_name,
    events.visitor_id,
    events.anonymous_id,
    events.user_id,
    events.email,
    sessions.session_id,
    people.person_id,
    raw_events.page_url,
    raw_events.page_title,
    raw_events.page_referrer,
    classes.page_class,
    rules.rule_id,
    events.bot_name,
    raw_events.source,
    events.is_bot,
    events.is_consent_denied,
    raw_events.event_at,
    raw_events.received_at
from warehouse.raw.events as raw_events
inner join events on raw_events.rowid = events.event_row
left join placed on raw_events.rowid = placed.event_row
left join sessions on placed.session_key = sessions.session_key
left join people on placed.person_number = people.person_number
left join classes on events.class_number = classes.class_number
left join rules on events.rule_number = rules.rule_number;

create table fct_sessions as
select
    sessions.session_id,
    devices.visitor_id,
    devices.anonymous_id,
    people.person_id,
    entry_urls.page_url as entry_page_url,
    classes.page_class as entry_page_class,
    exit_urls.page_url as exit_page_url,
    entries.referrer_url,
    arrivals.referrer_domain,
    arrivals.utm_source,
    arrivals.utm_medium,
    arrivals.utm_campaign,
    arrivals.utm_term,
    arrivals.utm_content,
    arrivals.click_id_type,
    arrivals.click_id,
    sessions.session_number,
    (sessions.ended_at - sessions.started_at) / 1e6 as duration_seconds,
    sessions.event_count,
    sessions.page_view_count,
    (
        duration_seconds >= 10
        or sessions.page_view_count >= 2
        or sessions.has_conversion
    ) as is_engaged,
    sessions.is_bot,
    make_timestamp(sessions.started_at) as started_at,
    make_timestamp(sessions.ended_at) as ended_at,
    coalesce(arrivals.channel, 'Unassigned') as channel,
    coalesce(arrivals.channel_rule, 'no page') as channel_rule,
    if(sessions.is_bot, sessions.bot_name, null) as bot_name,
    not is_engaged as is_bounce
from sessions
inner join devices on sessions.visitor_number = devices.visitor_number
inner join people on sessions.person_number = people.person_number
left join entries on sessions.session_key = entries.session_key
left join arrivals
    on
        entries.entry_url_number = arrivals.entry_url_number
        and entries.referrer_url is not distinct from arrivals.referrer_url
left join urls as entry_urls on sessions.entry_url_number = entry_urls.url_number
left join urls as exit_urls on sessions.exit_url_number = exit_urls.url_number
left join classes on entry_urls.class_number = classes.class_number;

-- Only on a shared device can a session hold more than one person.
create table fct_session_people as
with

shared as (

    select
        session_key,
        person_number,
        count(*) as event_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from placed
    where
        is_shared
        and session_key is not null
    group by all

),

everyone as (

    select
        session_key,
        person_number,
        event_count,
        started_at as first_event_at,
        ended_at as last_event_at
    from sessions
    where not is_shared
    union all
    select * from shared

)

select
    sessions.session_id,
    people.person_id,
    everyone.event_count,
    make_timestamp(everyone.first_event_at) as first_event_at,
    make_timestamp(everyone.last_event_at) as last_event_at
from everyone
inner join sessions on everyone.session_key = sessions.session_key
inner join people on everyone.person_number = people.person_number;

create table fct_person_scores as
select
    people.person_id,
    scores.intent_band,
    getvariable('ruleset_id') as ruleset_id,
    scores.intent_score,
    scores.points,
    scores.score_change_7d,
    getvariable('as_of') as as_of_date
from people
inner join scores on people.person_number = scores.person_number;

create table dim_people as
with

told as (

    select
        placed.person_number,
        events.event_at,
        events.event_id,
        json_extract_string(
            events.traits,
            [
                'name', 'full_name', 'fullName',
                'firstName', 'first_name', 'lastName', 'last_name',
                'title', 'job_title', 'jobTitle',
                '$.company.name', 'company', 'company_name', 'companyName',
                'phone'
            ]
        ) as written,
        list_transform(
            written,
            lambda trait: if(
                left(trait, 1) not in ('{', '['), nullif(trim(trait), ''), null
            )
        ) as traits
    from warehouse.raw.events as events
    inner join placed on events.rowid = placed.event_row
    where
        events.event_type = 'identify'
        and events.traits is not null

),

described as (

    select
        person_number,
        arg_max(
            coalesce(
                traits[1], traits[2], traits[3],
                nullif(concat_ws(
                    ' ', coalesce(traits[4], traits[5]), coalesce(traits[6], traits[7])
                ), '')
            ),
            (event_at, event_id)
        ) as full_name,
        arg_max(coalesce(traits[8], traits[9], traits[10]), (event_at, event_id))
            as job_title,
        arg_max(
            coalesce(traits[11], traits[12], traits[13], traits[14]),
            (event_at, event_id)
        ) as company_name,
        arg_max(traits[15], (event_at, event_id)) as phone
    from told
    group by person_number

),

numbered_sessions as (

    select
        sessions.person_number,
        if(sessions.is_bot, null, arrivals.channel) as channel,
        row_number() over (
            partition by sessions.person_number
            order by sessions.started_at, sessions.session_id
        ) as visit_number
    from sessions
    left join entries on sessions.session_key = entries.session_key
    left join arrivals
        on
            entries.entry_url_number = arrivals.entry_url_number
            and entries.referrer_url is not distinct from arrivals.referrer_url

),

visits as (

    select
        person_number,
        count(*) as session_count,
        arg_min(channel, visit_number) as first_channel,
        arg_max(channel, visit_number) as latest_channel
    from numbered_sessions
    group by person_number

)

select
    people.person_id,
    people.account_id,
    described.full_name,
    described.job_title,
    described.company_name,
    described.phone,
    people.primary_email,
    people.email_domain,
    people.email_class,
    visits.first_channel,
    visits.latest_channel,
    scores.intent_band,
    people.exclusion_reason,
    people.event_count,
    scores.intent_score,
    scores.points,
    scores.score_change_7d,
    people.is_identified,
    scores.last_scored_date,
    getvariable('as_of') as as_of_date,
    make_timestamp(people.first_seen_at) as first_seen_at,
    make_timestamp(people.last_seen_at) as last_seen_at,
    coalesce(visits.session_count, 0) as session_count
from people
inner join scores on people.person_number = scores.person_number
left join described on people.person_number = described.person_number
left join visits on people.person_number = visits.person_number;

create table fct_person_score_reasons as
with

shares as (

    select
        measured.person_number,
        measured.rule_number,
        measured.day_number,
        measured.event_count,
        measured.place,
        measured.counted,
        scores.intent_score
        * (cast(saturated_rules.points as double) / scores.points)
        * (
            cast(measured.points_at_last_day as double)
            / cast(saturated_rules.points_at_last_day as double)
        ) as score_share,
        false as is_hand_raise
    from measured
    inner join saturated_rules
        on
            measured.person_number = saturated_rules.person_number
            and measured.rule_number = saturated_rules.rule_number
    inner join scores on measured.person_number = scores.person_number
    where
        saturated_rules.points > 0
        and scores.points > 0
        and measured.day_number <= getvariable('day_number')

),

reasons as (

    select * from shares
    union all
    select
        *,
        0e0 as score_share,
        true as is_hand_raise
    from hands

),

-- an ordered list only where there is more than one event to put in order
several as (

    select
        placed.person_number,
        placed.rule_number,
        buckets.day_number,
        list(placed.event_id order by placed.event_at, placed.event_id) as event_ids
    from placed
    inner join buckets
        on
            placed.person_number = buckets.person_number
            and placed.rule_number = buckets.rule_number
            and placed.event_at // 86400000000 = buckets.day_number
    where
        buckets.event_count > 1
        and not placed.is_bot
    group by all

),

days as (

    select
        day_number,
        date '1970-01-01' + cast(day_number as integer) as event_date,
        if(
            year(event_date) = year(getvariable('as_of')),
            strftime(event_date, '%-d %b'),
            strftime(event_date, '%-d %b %Y')
        ) as in_words
    from (select distinct day_number from buckets) as bucket_days

),

told as (

    select
        reasons.*,
        rules.rule_id || if(reasons.is_hand_raise, '_hand_raise', '') as rule_id,
        (
            not reasons.is_hand_raise
            and raised.person_number is not null
        ) as is_told_by_hand_raise,
        rules.reason
        || if(
            reasons.event_count > 1 and not reasons.is_hand_raise,
            ' ' || reasons.event_count || ' times',
            ''
        )
        || ' on ' || days.in_words
        || case
            when reasons.is_hand_raise then ': hot for 14 days'
            when reasons.counted = 1 and reasons.event_count > 1 then '; 1 counts'
            when reasons.counted < reasons.event_count
                then '; ' || reasons.counted || ' count'
            else ''
        end as reason,
        days.event_date,
        coalesce(several.event_ids, [only_events.event_id]) as event_ids
    from reasons
    inner join rules on reasons.rule_number = rules.rule_number
    inner join days on reasons.day_number = days.day_number
    left join hands as raised
        on
            reasons.person_number = raised.person_number
            and reasons.rule_number = raised.rule_number
            and reasons.day_number = raised.day_number
    left join several
        on
            reasons.person_number = several.person_number
            and reasons.rule_number = several.rule_number
            and reasons.day_number = several.day_number
    inner join placed as only_events on reasons.place = only_events.place

)

select
    people.person_id,
    told.rule_id,
    told.reason,
    told.event_ids,
    told.event_count,
    cast(told.counted as bigint) as counted,
    told.score_share,
    told.is_told_by_hand_raise,
    told.event_date,
    getvariable('as_of') as as_of_date,
    row_number() over (
        partition by told.person_number
        order by
            told.is_hand_raise desc,
            told.is_told_by_hand_raise asc,
            told.score_share desc,
            told.day_number desc,
            told.rule_number asc
    ) as reason_rank
from told
inner join people on told.person_number = people.person_number;
