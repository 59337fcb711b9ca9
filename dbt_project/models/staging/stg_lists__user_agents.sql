-- One row a user agent of the log: whose it is by the list of crawlers, and by the
-- project's own word, which comes on top.
with

user_agents as (

    select * from {{ source('raw', 'user_agents') }}

),

traffic_agents as (

    select * from {{ ref('traffic_agents') }}

),

own_words as (

    select
        user_agents.user_agent,
        min(traffic_agents.product) filter (
            where traffic_agents.kind = 'bot'
        ) as bot_product,
        bool_or(traffic_agents.kind = 'link_scanner') as is_scanner_agent
    from user_agents
    inner join traffic_agents
        on instr(lower(user_agents.user_agent), lower(traffic_agents.agent_part)) > 0
    group by user_agents.user_agent

)

select
    user_agents.user_agent,
    {{ agent_id('user_agents.user_agent') }} as agent_id,
    coalesce(user_agents.bot_name, own_words.bot_product) as bot_name,
    user_agents.is_bot or own_words.bot_product is not null as is_bot,
    coalesce(own_words.is_scanner_agent, false) as is_scanner_agent
from user_agents
left join own_words on user_agents.user_agent = own_words.user_agent
