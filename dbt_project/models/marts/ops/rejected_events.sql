with

rejected_events as (

    select * from {{ ref('stg_web__rejected_events') }}

)

select * from rejected_events
