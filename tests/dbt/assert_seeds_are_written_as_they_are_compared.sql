-- A returned row is a value of a seed that can match nothing, since what it is compared
-- with is never written so; it names the file, the column and what is wrong: capitals
-- where all is in small letters, a blank in front or behind, more than a domain
-- (rival.example, without @, www. or a path), a currency not of three capital letters.
{%- set compared = [
    ('host', 'flags/flagged_domains', 'email_domain'),
    ('host', 'identity/email_domain_overrides', 'email_domain'),
    ('host', 'traffic/spam_referrers', 'host'),
    ('small', 'ad_spend/ad_measure_columns', 'column_name'),
    ('small', 'attribution/conversion_events', 'event_type'),
    ('small', 'channels/click_ids', 'network'),
    ('small', 'channels/click_ids', 'parameter'),
    ('small', 'channels/source_aliases', 'alias'),
    ('small', 'channels/source_aliases', 'source_name'),
    ('small', 'channels/source_categories', 'organic_medium'),
    ('small', 'channels/source_categories', 'paid_medium'),
    ('small', 'channels/source_hosts', 'source_name'),
    ('small', 'flags/flag_signals', 'event_type'),
    ('small', 'identity/role_local_parts', 'local_part'),
    ('small', 'scoring/scoring_rules', 'event_type'),
    ('pattern', 'channels/channel_rules', 'campaign_pattern'),
    ('pattern', 'channels/channel_rules', 'medium_pattern'),
    ('pattern', 'channels/channel_rules', 'source_pattern'),
    ('pattern', 'channels/custom_channels', 'campaign_pattern'),
    ('pattern', 'channels/custom_channels', 'medium_pattern'),
    ('pattern', 'channels/custom_channels', 'path_pattern'),
    ('pattern', 'channels/custom_channels', 'source_pattern'),
    ('pattern', 'pages/page_classes', 'path_pattern'),
    ('currency', 'ad_spend/currency_rates', 'currency'),
    ('currency', 'attribution/conversion_events', 'currency'),
    ('exact', 'attribution/conversion_events', 'currency_property'),
    ('exact', 'attribution/conversion_events', 'event_name'),
    ('exact', 'attribution/conversion_events', 'value_property'),
    ('exact', 'flags/flag_signals', 'event_name'),
    ('exact', 'flags/flag_signals', 'page_class'),
    ('exact', 'flags/mail_words', 'name'),
    ('exact', 'identity/blocked_identifiers', 'identifier'),
    ('exact', 'identity/email_properties', 'event_name'),
    ('exact', 'identity/email_properties', 'property'),
    ('exact', 'lead_magnet/lead_magnet_steps', 'event_name'),
    ('exact', 'pages/page_classes', 'page_class'),
    ('exact', 'scoring/scoring_rules', 'event_name'),
    ('exact', 'scoring/scoring_rules', 'page_class'),
    ('exact', 'traffic/internal_users', 'user_id'),
] %}
{#- capitals that say no letter: of classes (\S, \pL, A-Z beside a-z), flags, names -#}
{%- set no_letters
    = "'\\\\[pP]([{][^}]*[}]|[A-Z])|\\\\.|[(][?](P?<[^>]*>|[a-zA-Z-]*)|A-Z'" %}

with

listed as (
    {%- for kind, file, column in compared %}
    {{ 'union all' if not loop.first }}
    select
        '{{ kind }}' as kind,
        'seeds/{{ file }}.csv' as seed_file,
        '{{ column }}' as column_name,
        {{ column }} as value
    from {{ ref(file.split('/') | last) }}
    {%- endfor %}

),

letters as (

    select
        *,
        case
            when kind in ('host', 'small') then value
            when kind = 'pattern' and not {{ matches('value', "'[(][?][a-zA-Z]*i'") }}
                then {{ replaced_everywhere('value', no_letters, "''") }}
        end as small_letters
    from listed

),

judged as (

    select
        seed_file,
        column_name,
        value,
        case
            when {{ matches('value', "'^[\\s\\pZ]|[\\s\\pZ]$'") }}
                then 'has blanks around it'
            when small_letters != lower(small_letters)
                then 'has capitals, and is compared with what is in small letters'
            when
                kind = 'host'
                and {{ matches('value', "'[\\s/:@*]|^www[.]|^[.]|[.]$'") }}
                then 'is more than a domain: write rival.example'
            when kind = 'currency' and not {{ matches('value', "'^[A-Z]{3}$'") }}
                then 'is not three capital letters'
        end as fault
    from letters

)

select
    seed_file,
    column_name,
    value,
    fault
from judged
where fault is not null
