-- One row a figure and what it is of: now, and before. Of traffic, conversions and
-- amounts that is the recent days and as many before them; of bands the as-of date and
-- a week before it.
{%- set steps = [
    'people', 'engaged_people', 'identified_people', 'ready_people', 'converted_people'
] %}
with

report_periods as (

    select * from {{ ref('dim_report_periods') }}

),

days as (

    select * from {{ ref('fct_traffic_days') }}

),

periods as (

    select * from {{ ref('fct_traffic_periods') }}

),

bands as (

    select * from {{ ref('fct_bands_compared') }}

),

ready_bands as (

    select band from {{ ref('alert_bands') }}

),

conversions as (

    select
        report_periods.period,
        rates.rate is not null as has_rate,
        {{ reported_amount('conversions.value', 'rates.rate') }} as value
    from {{ ref('fct_conversions') }} as conversions
    inner join report_periods
        on
            cast(conversions.converted_at as date)
            between report_periods.first_date and report_periods.last_date
    left join {{ ref('currency_rates') }} as rates
        on conversions.currency = rates.currency

),

spend as (

    select
        report_periods.period,
        spend.reported_currency = {{ reporting_currency() }} as has_rate,
        spend.reported_cost as cost
    from {{ ref('fct_ad_spend') }} as spend
    inner join report_periods
        on
            spend.spend_date
            between report_periods.first_date and report_periods.last_date

),

event_days as (

    select
        report_periods.period,
        events.event_count,
        events.late_event_count
    from {{ ref('fct_event_days') }} as events
    inner join report_periods
        on
            events.event_date
            between report_periods.first_date and report_periods.last_date

),

exclusions as (

    select
        report_periods.period,
        excluded.reason,
        excluded.event_count
    from {{ ref('fct_excluded_traffic') }} as excluded
    inner join report_periods
        on
            excluded.event_date
            between report_periods.first_date and report_periods.last_date

),

newest as (

    select
        report_periods.as_of_date,
        max(events.event_date) as event_date
    from report_periods
    inner join {{ ref('fct_event_days') }} as events
        on report_periods.as_of_date >= events.event_date
    group by report_periods.as_of_date

),

standings as (

    select
        entity_type,
        band,
        1 as current_value,
        0 as earlier_value
    from bands
    union all
    select
        entity_type,
        band_before as band,
        0 as current_value,
        1 as earlier_value
    from bands

),

told as (

    {% for step in ['session', 'engaged_session'] -%}
    select
        '{{ step }}s' as figure,
        'all' as subject,
        {{ in_both_periods(step ~ '_count') | indent(8) }}
    from days
    union all
    {% endfor -%}
    select
        'channel_sessions' as figure,
        channel as subject,
        {{ in_both_periods('session_count') | indent(8) }}
    from days
    group by channel
    union all
    {% for step in steps -%}
    select
        '{{ step }}' as figure,
        'all' as subject,
        {{ in_both_periods(step ~ '_count') | indent(8) }}
    from periods
    union all
    {% endfor -%}
    select
        'channel_people' as figure,
        channel as subject,
        {{ in_both_periods('people_count') | indent(8) }}
    from periods
    group by channel
    union all
    select
        'conversions' as figure,
        'all' as subject,
        {{ in_both_periods('1') | indent(8) }}
    from conversions
    union all
    select
        'value' as figure,
        'all' as subject,
        {{ in_both_periods('case when has_rate then value end') | indent(8) }}
    from conversions
    union all
    select
        'cost' as figure,
        'all' as subject,
        {{ in_both_periods('case when has_rate then cost end') | indent(8) }}
    from spend
    union all
    select
        entity_type || '_band' as figure,
        band as subject,
        sum(current_value) as current_value,
        sum(earlier_value) as earlier_value
    from standings
    where band != {{ score_band('0') }}
    group by entity_type, band
    union all
    {% for entity_type, figure in {
        'account': 'ready_accounts', 'person': 'ready_identified_people'
    }.items() -%}
    select
        '{{ figure }}' as figure,
        'all' as subject,
        sum(current_value) as current_value,
        sum(earlier_value) as earlier_value
    from standings
    where
        entity_type = '{{ entity_type }}'
        and band in (select ready_bands.band from ready_bands)
    union all
    {% endfor -%}
    {% for figure, column_name in {
        'events': 'event_count', 'late_events': 'late_event_count'
    }.items() -%}
    select
        '{{ figure }}' as figure,
        'all' as subject,
        {{ in_both_periods(column_name) | indent(8) }}
    from event_days
    union all
    {% endfor -%}
    select
        'excluded_events' as figure,
        reason as subject,
        {{ in_both_periods('event_count') | indent(8) }}
    from exclusions
    group by reason
    union all
    select
        'days_behind' as figure,
        'all' as subject,
        {{ days_between('event_date', 'as_of_date') }} as current_value,
        0 as earlier_value
    from newest

)

select
    told.figure,
    told.subject,
    cast(coalesce(told.current_value, 0) as decimal(38, 2)) as current_value,
    cast(coalesce(told.earlier_value, 0) as decimal(38, 2)) as earlier_value,
    report_periods.as_of_date
from told
inner join report_periods on report_periods.period = 'recent'
where
    told.subject = 'all'
    or told.current_value > 0
    or told.earlier_value > 0
