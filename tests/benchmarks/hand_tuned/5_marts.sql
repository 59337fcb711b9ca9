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
                'name', 'full_name', 'fullName', 'firstName', 'first_name', 'lastName',
                'last_name', 'title', 'job_title', 'jobTitle', '$.company.name', 'company',
                'company_name', 'companyName', 'phone'
            ]
        ) as written,
        list_transform(
            written,
            lambda text: if(left(text, 1) not in ('{', '['), nullif(trim(text), ''), null)
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
            coalesce(traits[11], traits[12], traits[13], traits[14]), (event_at, event_id)
        ) as company_name,
        arg_max(traits[15], (event_at, event_id)) as phone
    from told
    group by person_number

),

numbered_sessions as (

    select
        sessions.person_number,
        arrivals.channel,
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
        * (saturated_rules.points::double / scores.points)
        * (
            measured.points_at_last_day::double
            / saturated_rules.points_at_last_day::double
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
        date '1970-01-01' + day_number::integer as event_date,
        if(
            year(event_date) = year(getvariable('as_of')),
            strftime(event_date, '%-d %b'),
            strftime(event_date, '%-d %b %Y')
        ) as in_words
    from (select distinct day_number from buckets)

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
    told.counted::bigint as counted,
    told.score_share,
    told.is_told_by_hand_raise,
    told.event_date,
    getvariable('as_of') as as_of_date,
    row_number() over (
        partition by told.person_number
        order by
            told.is_hand_raise desc,
            told.is_told_by_hand_raise,
            told.score_share desc,
            told.day_number desc,
            told.rule_number
    ) as reason_rank
from told
inner join people on told.person_number = people.person_number;

create temp table ranked_people as
with

windows as (

    select
        person_number,
        bool_or(getvariable('day_number') - day_number < 14) as is_active,
        sum(points) filter (where getvariable('day_number') - day_number < 7)
            as surge_points,
        sum(points) filter (
            where getvariable('day_number') - day_number between 7 and 90
        ) as base_points
    from measured
    where
        day_number <= getvariable('day_number')
        and person_number in (
            select people.person_number from people
            where people.account_id is not null
        )
    group by person_number

),

ranked as (

    select
        people.account_id,
        people.account_domain,
        people.person_number,
        people.person_id,
        people.first_seen_at,
        people.last_seen_at,
        scores.points as person_points,
        coalesce(windows.is_active, false) as is_active,
        coalesce(windows.surge_points, 0) as surge_points,
        coalesce(windows.base_points, 0) as base_points,
        row_number() over (
            partition by people.account_id order by scores.points desc, people.person_id
        ) as person_rank
    from people
    inner join scores on people.person_number = scores.person_number
    left join windows on people.person_number = windows.person_number
    where people.account_id is not null

)

select
    *,
    (power(0.5e0, person_rank - 1) * person_points)::decimal(38, 12) as added_points
from ranked;

create temp table accounts as
with

summed as (

    select
        account_id,
        any_value(account_domain) as account_domain,
        sum(added_points)::double as people_points,
        sum(surge_points)::double as surge_points,
        sum(base_points)::double as base_points,
        count(*) as people_count,
        count(*) filter (where is_active) as active_people_14d,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from ranked_people
    group by account_id

)

select
    *,
    log2(least(greatest(active_people_14d, 1), 8)) * 0.15 as diversity_bonus,
    people_points * diversity_bonus as diversity_points,
    people_points * (1 + diversity_bonus) as points,
    100 * (1 - power(2e0, -points / 50)) as account_score,
    band_of(account_score) as account_band,
    if(base_points > 0, surge_points / base_points * 84 / 7, null) as surge
from summed;

create table fct_account_scores as
select
    account_id,
    account_band,
    getvariable('ruleset_id') as ruleset_id,
    account_score,
    points,
    people_count,
    active_people_14d,
    surge,
    getvariable('as_of') as as_of_date
from accounts;

create table dim_accounts as
with

company_names as (

    select
        account_id,
        company_name
    from dim_people
    where
        account_id is not null
        and company_name is not null
    group by account_id, company_name
    qualify row_number() over (
        partition by account_id order by count(*) desc, company_name asc
    ) = 1

)

select
    accounts.account_id,
    accounts.account_domain as domain,
    company_names.company_name,
    accounts.account_band,
    accounts.people_count,
    accounts.active_people_14d,
    accounts.account_score,
    accounts.points,
    accounts.surge,
    getvariable('as_of') as as_of_date,
    make_timestamp(accounts.first_seen_at) as first_seen_at,
    make_timestamp(accounts.last_seen_at) as last_seen_at
from accounts
left join company_names on accounts.account_id = company_names.account_id;

create table fct_account_score_reasons as
with

names as (

    select * from dim_people
    where account_id is not null

),

first_reasons as (

    select
        person_id,
        reason
    from fct_person_score_reasons
    where reason_rank = 1

)

select
    accounts.account_id,
    ranked_people.person_id,
    'person' as reason_type,
    coalesce(names.full_name, names.primary_email) || ': ' || names.intent_band || ', '
    || round(names.intent_score)::bigint
    || coalesce(' (' || first_reasons.reason || ')', '') as reason,
    accounts.account_score * (ranked_people.added_points::double / accounts.points)
        as score_share,
    getvariable('as_of') as as_of_date
from ranked_people
inner join accounts on ranked_people.account_id = accounts.account_id
inner join names on ranked_people.person_id = names.person_id
left join first_reasons on ranked_people.person_id = first_reasons.person_id
where
    accounts.points > 0
    and ranked_people.added_points > 0
union all
select
    account_id,
    null as person_id,
    'diversity' as reason_type,
    active_people_14d || ' people active in 14 days' as reason,
    account_score * (diversity_points / points) as score_share,
    getvariable('as_of') as as_of_date
from accounts
where
    points > 0
    and diversity_points > 0;

create table map_identities as
with

unnamed as (

    select
        visitor_number,
        first_seen_at,
        last_seen_at
    from slices
    where person_number < 0

)

select
    identifier_type,
    identifier,
    person_id as canonical_person_id,
    null::timestamp as valid_from,
    null::timestamp as valid_to,
    make_timestamp(first_seen_at) as first_seen_at,
    make_timestamp(last_seen_at) as last_seen_at,
    link_event_id
from owners
union all
select
    'anonymous_id' as identifier_type,
    devices.anonymous_id as identifier,
    cuts.person_id as canonical_person_id,
    make_timestamp(cuts.from_at) as valid_from,
    make_timestamp(cuts.to_at) as valid_to,
    make_timestamp(slices.first_seen_at) as first_seen_at,
    make_timestamp(slices.last_seen_at) as last_seen_at,
    cuts.naming_event_id as link_event_id
from cuts
inner join devices on cuts.visitor_number = devices.visitor_number
left join slices
    on
        cuts.visitor_number = slices.visitor_number
        and (slices.slice_number is null or cuts.slice_number = slices.slice_number)
where
    devices.anonymous_id is not null
    and not devices.is_address_visitor
union all
select
    'anonymous_id' as identifier_type,
    devices.anonymous_id as identifier,
    devices.own_person_id as canonical_person_id,
    null as valid_from,
    null as valid_to,
    make_timestamp(unnamed.first_seen_at) as first_seen_at,
    make_timestamp(unnamed.last_seen_at) as last_seen_at,
    null as link_event_id
from devices
left join unnamed on devices.visitor_number = unnamed.visitor_number
where
    devices.anonymous_id is not null
    and not devices.is_named;

create table map_person_ids as
select
    md5(node_id) as own_person_id,
    identifier_type,
    identifier,
    person_id as canonical_person_id,
    link_event_id,
    make_timestamp(linked_at) as linked_at
from owners
union all
select
    devices.own_person_id,
    if(devices.anonymous_id is null, 'server', 'anonymous_id') as identifier_type,
    devices.visitor_id as identifier,
    coalesce(cuts.person_id, devices.own_person_id) as canonical_person_id,
    cuts.naming_event_id as link_event_id,
    make_timestamp(cuts.named_at) as linked_at
from devices
left join cuts
    on
        devices.visitor_number = cuts.visitor_number
        and cuts.slice_number = 1
        and not devices.is_address_visitor;
