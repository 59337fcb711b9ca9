-- One row a period and campaign that brought a visit. Weeks and months are sums over
-- the visits: of a person the first in each counts. Who is hot changes from day to day,
-- and is few: they are counted by themselves.
with

visits as {{ read_each_time() }} (

    select * from {{ ref('int_visits_counted') }}

),

hot_people as (

    select person_id from {{ ref('int_people_scored') }}
    where intent_band = 'hot'

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

{% set campaign = 'channel, source, medium, campaign' -%}
-- of weeks that two months share there are two rows
counted as (

    select
        visit_week,
        visit_month,
        {{ campaign }},
        count(*) as session_count,
        count(*) filter (where is_engaged) as engaged_session_count,
        {%- for period in ['week', 'month'] %}
        count(*) filter (where is_first_of_campaign_{{ period }})
            as people_a_{{ period }},
        count(*) filter (where is_first_of_campaign_{{ period }} and is_identified)
            as identified_people_a_{{ period }},
        {%- endfor %}
        0 as hot_people_a_week,
        0 as hot_people_a_month
    from visits
    group by visit_week, visit_month, {{ campaign }}

),

hot_counted as (

    select
        visit_week,
        visit_month,
        {{ campaign }},
        0 as session_count,
        0 as engaged_session_count,
        0 as people_a_week,
        0 as identified_people_a_week,
        0 as people_a_month,
        0 as identified_people_a_month,
        count(*) filter (where is_first_of_campaign_week) as hot_people_a_week,
        count(*) filter (where is_first_of_campaign_month) as hot_people_a_month
    from visits
    where person_id in (select hot_people.person_id from hot_people)
    group by visit_week, visit_month, {{ campaign }}

),

all_counted as (

    select * from counted
    union all
    select * from hot_counted

),

recent as (

    select
        visits.person_id,
        {{ campaign }},
        visits.is_identified,
        count(*) as session_count,
        count(*) filter (where visits.is_engaged) as engaged_session_count,
        {{ recent_start('settings.as_of_date') }} as recent_start
    from visits
    inner join settings
        on
            visits.visit_date
            between {{ recent_start('settings.as_of_date') }}
            and {{ recent_end('settings.as_of_date') }}
    group by
        visits.person_id,
        {{ campaign }},
        visits.is_identified,
        recent_start

)

{%- for period in ['week', 'month'] %}

select
    '{{ period }}' as period,
    channel,
    source,
    medium,
    campaign,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(engaged_session_count) as bigint) as engaged_session_count,
    cast(sum(people_a_{{ period }}) as bigint) as people_count,
    cast(sum(identified_people_a_{{ period }}) as bigint) as identified_people_count,
    cast(sum(hot_people_a_{{ period }}) as bigint) as hot_people_count,
    visit_{{ period }} as period_start
from all_counted
group by visit_{{ period }}, {{ campaign }}
union all
{%- endfor %}
select
    'recent' as period,
    recent.channel,
    recent.source,
    recent.medium,
    recent.campaign,
    cast(sum(recent.session_count) as bigint) as session_count,
    cast(sum(recent.engaged_session_count) as bigint) as engaged_session_count,
    count(*) as people_count,
    count(*) filter (where recent.is_identified) as identified_people_count,
    count(hot_people.person_id) as hot_people_count,
    recent.recent_start as period_start
from recent
left join hot_people on recent.person_id = hot_people.person_id
group by recent.recent_start, {{ campaign }}
