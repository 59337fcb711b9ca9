-- One row an event, narrow: whom it names, on which device, what it saw, whether it
-- counts. The one pass over the wide rows from which sessions, identity and scores are
-- built. An event that another one replaces stays, with is_gone. Its time is of its
-- key, so that it is looked for in that part of the table which holds it.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key=['event_at', 'event_id'],
        keeps_gone=true,
        meta={'reads': {'conversion_events': ['event_type', 'event_name']}}
    )
}}

with

events as {{ read_each_time() }} (

    select * from {{ ref('stg_web__events') }}
    {%- if is_update() %}
    where load_id > {{ mark_of(this) }}
    {%- endif %}

),

user_agents as (

    select * from {{ ref('stg_lists__user_agents') }}

),

spam_referrers as (

    select * from {{ ref('spam_referrers') }}

),

internal_networks as (

    select * from {{ ref('internal_networks') }}

),

conversion_events as (

    select * from {{ ref('conversion_events') }}

),

-- what takes a pattern is asked of each distinct text, not of each event
urls as (

    select
        page_url,
        page_path,
        {{ page_class('page_path') }} as page_class,
        {%- if var('session_break_on_campaign') %}
        {{ campaign_of_url('page_url') }} as campaign,
        {%- endif %}
        {{ is_link_of_mail('page_url') }} as is_link_of_mail
    from (
        select
            page_url,
            {{ url_path('page_url') }} as page_path
        from events
        where page_url is not null
        group by page_url
    ) as distinct_urls

),

referrers as (

    select
        page_referrer,
        {{ url_host('page_referrer') }} as referrer_host
    from events
    where page_referrer is not null
    group by page_referrer

),

spam_hosts as (

    select distinct distinct_hosts.referrer_host
    from (select distinct referrer_host from referrers) as distinct_hosts
    inner join spam_referrers
        on {{ is_host_below('distinct_hosts.referrer_host', 'spam_referrers.host') }}

),

referrers_of_spam as (

    select referrers.page_referrer
    from referrers
    inner join spam_hosts on referrers.referrer_host = spam_hosts.referrer_host

),

classified as (

    select
        events.event_id,
        events.event_type,
        events.event_name,
        events.anonymous_id,
        events.user_id,
        events.email,
        events.previous_id,
        events.load_id,
        events.event_key,
        events.is_address_visitor,
        events.is_consent_denied,
        events.event_at,
        urls.page_path,
        urls.page_class,
        -- worked out once a text, but for one that was not looked up yet
        coalesce(
            user_agents.agent_id, {{ agent_id('events.user_agent') }}
        ) as agent_id,
        user_agents.bot_name,
        referrers_of_spam.page_referrer is not null as is_spam_referred,
        coalesce(
            events.event_type = 'page'
            and nullif(trim(events.page_referrer), '') is null
            and urls.is_link_of_mail, false
        ) as is_mail_landing,
        coalesce(user_agents.is_scanner_agent, false) as is_scanner_agent,
        coalesce(user_agents.is_bot, false) as is_bot,
        -- a server sends from the company's own address, whoever it speaks of
        internal_networks.network is not null
        and events.anonymous_id is not null as is_internal,
        conversion_events.event_name is not null as is_conversion,
        coalesce({{ is_late_event('events.event_at', 'events.received_at') }}, false)
            as is_late,
        {%- if var('session_break_on_campaign') %}
        urls.campaign,
        {%- endif %}
        -- the node that owns the event: the user id where there is one, else the
        -- address
        coalesce(
            {{ node_id('user_id', 'events.user_id') }},
            {{ node_id('email', 'events.email') }}
        ) as owner_node_id
    from events
    left join urls on events.page_url = urls.page_url
    left join user_agents on events.user_agent = user_agents.user_agent
    left join referrers_of_spam
        on events.page_referrer = referrers_of_spam.page_referrer
    left join internal_networks on events.ip_prefix = internal_networks.network
    left join conversion_events
        on
            events.event_type = conversion_events.event_type
            and events.event_name = conversion_events.event_name

),

prepared as (

    select
        event_id,
        -- a server's event has no device: its visitor is made from the name that it
        -- carries
        coalesce(anonymous_id, 'server-' || md5(owner_node_id)) as visitor_id,
        event_type,
        event_name,
        user_id,
        email,
        owner_node_id,
        previous_id,
        page_path,
        page_class,
        agent_id,
        bot_name,
        {%- if var('session_break_on_campaign') %}
        campaign,
        {%- endif %}
        load_id,
        event_key,
        anonymous_id is not null as has_device,
        is_address_visitor,
        is_consent_denied,
        is_bot,
        is_internal,
        is_scanner_agent,
        is_spam_referred,
        is_mail_landing,
        is_conversion,
        is_late,
        false as is_gone,
        cast(event_at as date) as event_date,
        event_at
    from classified

),

{% if is_update() -%}
-- one look at narrow numbers; of the wide rows only those parts are read that hold one
replaced_keys as {{ computed_first() }} (

    select distinct
        event_at,
        event_key
    from {{ this }}
    where
        not is_gone
        and event_key in (select events.event_key from events)

),

replaced as (

    select
        earlier.event_id,
        earlier.visitor_id,
        earlier.event_type,
        earlier.event_name,
        earlier.user_id,
        earlier.email,
        earlier.owner_node_id,
        earlier.previous_id,
        earlier.page_path,
        earlier.page_class,
        earlier.agent_id,
        earlier.bot_name,
        {%- if var('session_break_on_campaign') %}
        earlier.campaign,
        {%- endif %}
        events.load_id,
        earlier.event_key,
        earlier.has_device,
        earlier.is_address_visitor,
        earlier.is_consent_denied,
        earlier.is_bot,
        earlier.is_internal,
        earlier.is_scanner_agent,
        earlier.is_spam_referred,
        earlier.is_mail_landing,
        earlier.is_conversion,
        earlier.is_late,
        true as is_gone,
        earlier.event_date,
        earlier.event_at
    from {{ this }} as earlier
    inner join replaced_keys
        on
            earlier.event_at = replaced_keys.event_at
            and earlier.event_key = replaced_keys.event_key
    inner join events on earlier.event_id = events.event_id
    where not earlier.is_gone

),

written as (

    select * from prepared
    union all
    select * from replaced

)
{%- else -%}
written as (

    select * from prepared

)
{%- endif %}

select * from written
