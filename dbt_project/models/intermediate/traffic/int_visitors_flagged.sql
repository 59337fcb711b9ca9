-- One row a visitor that is a program by a rule of seeds/traffic, with the rule of
-- lowest priority. The flag is the visitor's, for good: a program it stays all along.
-- Asked again of those whose days have changed; an earlier flag stays, with is_gone.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='visitor_id',
        keeps_gone=true
    )
}}

with

{% if is_update() -%}
touched as (

    select distinct visitor_id
    from {{ ref('int_events_placed') }}
    where
        load_id > {{ mark_of(this) }}
        and has_device

),
{% endif %}

days as (

    select * from {{ ref('int_visitor_days_measured') }}
    {%- if is_update() %}
    where visitor_id in (select touched.visitor_id from touched)
    {%- endif %}

),

sessions as (

    select * from {{ ref('int_sessions_aggregated') }}

),

traffic_rules as (

    select * from {{ ref('traffic_rules') }}

),

suspects as (

    select
        visitor_id,
        sum(spam_view_count) as spam_view_count,
        sum(mail_landing_count) as mail_landing_count,
        sum(scanner_view_count) as scanner_view_count,
        max(most_links_at_once) as most_links_at_once,
        max(busy_minute_count) as busy_minute_count,
        max(longest_stretch) as longest_stretch,
        max(most_pages_an_hour) as most_pages_an_hour,
        bool_or(
            gap_count >= {{ traffic_threshold('exact_intervals', 'gaps') }}
            and like_gap_count
            >= gap_count * {{ traffic_threshold('exact_intervals', 'share') }}
        ) as has_exact_intervals
    from days
    group by visitor_id

),

-- what else they did, other days and bots' agents on the same device included
histories as (

    select
        visitor_id,
        sum(event_count) as event_count,
        sum(page_view_count) as page_view_count
    from sessions
    where visitor_id in (select suspects.visitor_id from suspects)
    group by visitor_id

),

rules_met as (

    select
        suspects.visitor_id,
        traffic_rules.traffic_rule,
        traffic_rules.traffic_flag,
        traffic_rules.priority,
        case traffic_rules.traffic_rule
            when 'scanner_agent'
                then suspects.scanner_view_count > 0
            when 'scanned_links'
                then
                    suspects.most_links_at_once
                    >= {{ traffic_threshold('scanned_links', 'pages') }}
                    and suspects.mail_landing_count = histories.event_count
            when 'spam_referrer'
                then
                    suspects.spam_view_count > 0
                    and suspects.spam_view_count
                    >= histories.page_view_count
                    * {{ traffic_threshold('spam_referrer', 'share') }}
            when 'sustained_rate'
                then
                    suspects.busy_minute_count
                    >= {{ traffic_threshold('sustained_rate', 'minutes') }}
            when 'no_pause'
                then
                    suspects.longest_stretch
                    >= {{ traffic_threshold('no_pause', 'views') }}
            when 'many_pages'
                then
                    suspects.most_pages_an_hour
                    >= {{ traffic_threshold('many_pages', 'pages') }}
            -- who also clicks or signs in has left a page open that loads itself
            when 'exact_intervals'
                then
                    suspects.has_exact_intervals
                    and histories.page_view_count = histories.event_count
        end as is_met
    from suspects
    inner join histories on suspects.visitor_id = histories.visitor_id
    cross join traffic_rules

),

flagged as (

    select
        visitor_id,
        traffic_flag,
        traffic_rule,
        {{ this_load() }} as load_id,
        false as is_gone
    from rules_met
    where is_met
    qualify row_number() over (partition by visitor_id order by priority) = 1

),

{% if is_update() -%}
earlier as (

    select * from {{ this }}
    where
        not is_gone
        and visitor_id in (select touched.visitor_id from touched)

),

flagged_otherwise as (

    select flagged.*
    from flagged
    left join earlier on flagged.visitor_id = earlier.visitor_id
    where flagged.traffic_rule is distinct from earlier.traffic_rule

),

replaced as (

    select
        earlier.visitor_id,
        earlier.traffic_flag,
        earlier.traffic_rule,
        {{ this_load() }} as load_id,
        true as is_gone
    from earlier
    left join flagged on earlier.visitor_id = flagged.visitor_id
    where earlier.traffic_rule is distinct from flagged.traffic_rule

),

written as (

    select * from flagged_otherwise
    union all
    select * from replaced

)
{%- else -%}
written as (

    select * from flagged

)
{%- endif %}

select * from written
