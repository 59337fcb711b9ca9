-- One row a person with an event: when they were seen, where they belong, and whether
-- something excludes them from scores.
with

slices as (

    select * from {{ ref('int_slices_owned') }}

),

addresses as (

    select * from {{ ref('int_people_addressed') }}

),

flagged as (

    select * from {{ ref('int_visitors_flagged') }}

),

people as (

    select
        slices.person_id,
        bool_or(slices.is_identified) as is_identified,
        sum(slices.event_count) as event_count,
        -- whatever a flagged visitor does is a program's
        sum(
            case
                when flagged.visitor_id is not null then slices.event_count
                else slices.bot_event_count
            end
        ) as bot_event_count,
        min(flagged.traffic_flag) as traffic_flag,
        min(slices.first_seen_at) as first_seen_at,
        max(slices.last_seen_at) as last_seen_at
    from slices
    left join flagged on slices.visitor_id = flagged.visitor_id
    group by slices.person_id

),

excluded as (

    select
        people.person_id,
        people.is_identified,
        addresses.primary_email,
        addresses.email_domain,
        addresses.registrable_domain,
        addresses.email_class,
        people.traffic_flag,
        people.event_count,
        people.first_seen_at,
        people.last_seen_at,
        case
            when people.bot_event_count = people.event_count then 'bot'
            when addresses.has_internal then 'internal'
            when addresses.has_only_disposable then 'disposable'
        end as exclusion_reason
    from people
    left join addresses on people.person_id = addresses.person_id

)

select
    person_id,
    is_identified,
    primary_email,
    email_domain,
    email_class,
    exclusion_reason,
    traffic_flag,
    cast(event_count as bigint) as event_count,
    first_seen_at,
    last_seen_at,
    case
        when email_class = 'business' and exclusion_reason is null
            then md5(registrable_domain)
    end as account_id,
    case
        when email_class = 'business' and exclusion_reason is null
            then registrable_domain
    end as account_domain
from excluded
