-- No lead of a CRM names anybody here; a log with leads is refused.
select
    if(count(*) > 0, error('the script knows no leads, and this warehouse has some'), 0)
        as lead_count
from warehouse.raw.leads;

-- The rules as constants, so that a pattern is compiled once and not once a row.
set variable as_of = (select as_of_date from warehouse.raw.refresh_settings);
set variable session_gap = 1800 * 1000000;
set variable nothing_meant = (
    select
        '^[\s"''`]*(?:|0[0-]*|' || string_agg(
            '(?:' || if(match = 'any_case', '(?i)', '') || '\Q' || identifier || '\E)',
            '|'
        ) || ')[\s"''`]*$'
    from warehouse.seeds.blocked_identifiers
);

create temp macro valid_email(written) as
lower(nullif(regexp_extract(
    written, '^[\s\pZ]*([^@\s\pZ]+@[^@\s\pZ]+\.[^@\s\pZ]+)[\s\pZ]*$', 1
), ''));

create temp macro meaningful(written) as
if(not regexp_matches(written, getvariable('nothing_meant')), written, null);

create temp macro is_below(host, domain_name) as
host = domain_name or host like '%.' || domain_name;

-- Dictionaries: what costs a regular expression is worked out once a distinct value.
create temp table classes as
select
    page_class,
    path_pattern,
    row_number() over (order by priority) as class_number
from warehouse.seeds.page_classes
union all
select
    'other' as page_class,
    '' as path_pattern,
    1000 as class_number;

create temp table urls as
with

distinct_urls as (

    select distinct page_url
    from warehouse.raw.events
    where page_url is not null

),

paths as (

    select
        page_url,
        lower(regexp_extract(
            page_url, '^(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?([^?#]*)', 1
        )) as path
    from distinct_urls

),

classified as (

    select
        distinct_paths.path,
        min(classes.class_number) as class_number
    from (select distinct path from paths) as distinct_paths
    inner join classes on regexp_matches(distinct_paths.path, classes.path_pattern)
    group by distinct_paths.path

)

select
    paths.page_url,
    classified.class_number,
    row_number() over () as url_number
from paths
inner join classified on paths.path = classified.path;

create temp table rules as
select
    *,
    row_number() over (order by rule_id) as rule_number
from warehouse.seeds.scoring_rules;

create temp table event_kinds as
with

names as (

    select distinct
        event_type,
        event_name
    from warehouse.raw.events

)

select
    names.event_type,
    names.event_name,
    email_properties.property as email_property,
    conversion_events.event_name is not null as is_conversion,
    names.event_type in ('group', 'alias') as is_outside,
    row_number() over () as kind_number
from names
left join warehouse.seeds.email_properties as email_properties
    on names.event_name = email_properties.event_name
left join warehouse.seeds.conversion_events as conversion_events
    on
        names.event_type = conversion_events.event_type
        and names.event_name = conversion_events.event_name;

create temp table kind_rules as
select
    event_kinds.kind_number,
    seen_classes.class_number,
    arg_min(rules.rule_number, rules.priority) as rule_number
from event_kinds
cross join (
    select
        class_number,
        page_class
    from classes
    union all
    select
        null as class_number,
        null as page_class
) as seen_classes
inner join rules
    on
        (rules.event_type is null or event_kinds.event_type = rules.event_type)
        and (rules.event_name is null or event_kinds.event_name = rules.event_name)
        and (rules.page_class is null or seen_classes.page_class = rules.page_class)
group by all;

-- The one wide pass: names that mean something, and a number for everything else.
create temp table events as
with

named as (

    select
        events.rowid as event_row,
        events.event_id,
        event_kinds.kind_number,
        event_kinds.is_outside,
        event_kinds.is_conversion,
        event_kinds.event_type = 'page' as is_page_view,
        urls.url_number,
        urls.class_number,
        kind_rules.rule_number,
        user_agents.bot_name,
        coalesce(user_agents.is_bot, false) as is_bot,
        coalesce(events.consent = 'denied', false) as is_consent_denied,
        events.source = 'access_log' as is_address_visitor,
        if(is_consent_denied, null, meaningful(events.anonymous_id))
            as clean_anonymous_id,
        if(is_consent_denied, null, meaningful(events.user_id)) as clean_user_id,
        if(is_consent_denied, null, meaningful(events.previous_id))
            as clean_previous_id,
        if(
            is_consent_denied,
            null,
            coalesce(
                valid_email(events.email),
                valid_email(
                    json_extract_string(events.properties, event_kinds.email_property)
                )
            )
        ) as clean_email,
        epoch_us(events.event_at) as event_us
    from warehouse.raw.events as events
    inner join event_kinds
        on
            events.event_type = event_kinds.event_type
            and events.event_name is not distinct from event_kinds.event_name
    left join urls on events.page_url = urls.page_url
    left join warehouse.raw.user_agents as user_agents
        on events.user_agent = user_agents.user_agent
    left join kind_rules
        on
            event_kinds.kind_number = kind_rules.kind_number
            and urls.class_number is not distinct from kind_rules.class_number

)

select
    event_row,
    event_id,
    kind_number,
    is_outside,
    is_conversion,
    is_page_view,
    url_number,
    class_number,
    rule_number,
    bot_name,
    is_bot,
    is_consent_denied,
    is_address_visitor,
    clean_anonymous_id as anonymous_id,
    clean_user_id as user_id,
    clean_email as email,
    clean_previous_id as previous_id,
    event_us as event_at,
    coalesce('user_id:' || clean_user_id, 'email:' || clean_email) as owner_node_id,
    coalesce(clean_anonymous_id, 'server-' || md5(owner_node_id)) as visitor_id
from named;
