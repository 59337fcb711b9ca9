with

user_agents as (

    select * from {{ source('raw', 'user_agents') }}

)

select
    user_agent,
    bot_name,
    is_bot
from user_agents
