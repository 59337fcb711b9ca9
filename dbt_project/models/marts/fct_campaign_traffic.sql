-- One row a period and campaign that brought a visit. Weeks and months are sums over
-- the visits: of a person the first in each counts.
with

visits as (

    select * from {{ ref('int_visits_counted') }}

),

hot_people as (

    select person_id from {{ ref('int_people_scored') }}
    where intent_band = 'hot'

),

settings as (

    select * from {{ ref('int_rulesets_dated') }}

),

judged as (

    select
        visits.*,
        hot_people.person_id is not null as is_hot
    from visits
    left join hot_people on visits.person_id = hot_people.person_id

),

recent as (

    select
        judged.*,
        {{ recent_start('settings.as_of_date') }} as recent_start
    from judged
    inner join settings
        on
            judged.visit_date
            between {{ recent_start('settings.as_of_date') }}
            and {{ recent_end('settings.as_of_date') }}

)

{%- set campaign = 'channel, source, medium, campaign' %}
{%- for period in ['week', 'month'] %}

select
    '{{ period }}' as period,
    channel,
    source,
    medium,
    campaign,
    count(*) as session_count,
    count(*) filter (where is_engaged) as engaged_session_count,
    count(*) filter (where is_first_of_campaign_{{ period }}) as people_count,
    count(*) filter (
        where is_first_of_campaign_{{ period }} and is_identified
    ) as identified_people_count,
    count(*) filter (
        where is_first_of_campaign_{{ period }} and is_hot
    ) as hot_people_count,
    visit_{{ period }} as period_start
from judged
group by visit_{{ period }}, {{ campaign }}
union all
{%- endfor %}
select
    'recent' as period,
    channel,
    source,
    medium,
    campaign,
    count(*) as session_count,
    count(*) filter (where is_engaged) as engaged_session_count,
    count(distinct person_id) as people_count,
    count(distinct case when is_identified then person_id end)
        as identified_people_count,
    count(distinct case when is_hot then person_id end) as hot_people_count,
    recent_start as period_start
from recent
group by recent_start, {{ campaign }}
