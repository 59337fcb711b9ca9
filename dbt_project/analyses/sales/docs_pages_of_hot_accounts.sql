-- Which pages of the docs do hot accounts read?
--
-- One row a page, without its query: how many hot companies and how many of their
-- people read it, and how often. What several of them read says what buyers want to
-- know before they decide. Page views of bots are left out, and excluded people are in
-- no account.
with

events as (

    select * from {{ ref('fct_events') }}
    where
        event_type = 'page'
        and page_class = 'docs'
        and not is_bot

),

people as (

    select * from {{ ref('dim_people') }}
    where exclusion_reason is null

),

accounts as (

    select * from {{ ref('dim_accounts') }}
    where account_band = 'hot'

),

views as (

    select
        events.event_at,
        people.person_id,
        people.account_id,
        regexp_extract(events.page_url, '^[^?#]*', 0) as page
    from events
    inner join people on events.person_id = people.person_id
    inner join accounts on people.account_id = accounts.account_id

)

select
    page,
    count(distinct account_id) as account_count,
    count(distinct person_id) as person_count,
    count(*) as view_count,
    max(event_at) as last_viewed_at
from views
group by page
order by
    account_count desc,
    view_count desc,
    page asc
