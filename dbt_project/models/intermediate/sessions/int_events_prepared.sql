-- One row an event, narrow: whom it names, on which device, what it saw, whether it
-- counts. The one pass over the wide rows from which sessions, identity and scores are
-- built.
with

events as (

    select * from {{ ref('stg_web__events') }}

),

user_agents as (

    select * from {{ ref('stg_lists__user_agents') }}

),

spam_referrers as (

    select * from {{ ref('int_spam_referrers_found') }}

),

internal_networks as (

    select * from {{ ref('internal_networks') }}

),

conversion_events as (

    select * from {{ ref('conversion_events') }}

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
        events.is_address_visitor,
        events.is_consent_denied,
        events.event_at,
        {{ url_path('events.page_url') }} as page_path,
        {{ page_class(url_path('events.page_url')) }} as page_class,
        user_agents.bot_name,
        spam_referrers.page_referrer is not null as is_spam_referred,
        coalesce(
            events.event_type = 'page'
            and nullif(trim(events.page_referrer), '') is null
            and {{ is_link_of_mail('events.page_url') }}, false
        ) as is_mail_landing,
        coalesce(user_agents.is_scanner_agent, false) as is_scanner_agent,
        coalesce(user_agents.is_bot, false) as is_bot,
        -- a server sends from the company's own address, whoever it speaks of
        internal_networks.network is not null
        and events.anonymous_id is not null as is_internal,
        conversion_events.event_name is not null as is_conversion,
        {%- if var('session_break_on_campaign') %}
        nullif(
            {{ query_parameter('events.page_url', 'utm_source') }}
            || {{ query_parameter('events.page_url', 'utm_medium') }}
            || {{ query_parameter('events.page_url', 'utm_campaign') }}, ''
        ) as campaign,
        {%- endif %}
        -- the node that owns the event: the user id where there is one, else the
        -- address
        coalesce(
            {{ node_id('user_id', 'events.user_id') }},
            {{ node_id('email', 'events.email') }}
        ) as owner_node_id
    from events
    left join user_agents on events.user_agent = user_agents.user_agent
    left join spam_referrers on events.page_referrer = spam_referrers.page_referrer
    left join internal_networks on events.ip_prefix = internal_networks.network
    left join conversion_events
        on
            events.event_type = conversion_events.event_type
            and events.event_name = conversion_events.event_name

)

select
    event_id,
    -- a server's event has no device: its visitor is made from the name that it carries
    coalesce(anonymous_id, 'server-' || md5(owner_node_id)) as visitor_id,
    event_type,
    event_name,
    anonymous_id,
    user_id,
    email,
    owner_node_id,
    previous_id,
    page_path,
    page_class,
    bot_name,
    is_address_visitor,
    is_consent_denied,
    is_bot,
    is_internal,
    is_scanner_agent,
    is_spam_referred,
    is_mail_landing,
    is_conversion,
    {%- if var('session_break_on_campaign') %}
    campaign,
    {%- endif %}
    event_at
from classified
