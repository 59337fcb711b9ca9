with

files as (

    select * from {{ ref('stg_web__files') }}

)

select * from files
