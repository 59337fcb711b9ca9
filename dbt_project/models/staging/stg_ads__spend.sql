-- One row each distinct thing that an ad-spend file ever said of a day and campaign;
-- int_ad_spend_settled takes the one that holds. Source, medium and campaign read as
-- those of a tagged link do, so that a campaign and what it cost find each other.
with

spend as (

    select * from {{ source('raw', 'ad_spend') }}

)

select
    content_md5,
    {{ as_tagged('source') }} as source,
    {{ as_tagged('medium') }} as medium,
    {{ as_tagged('campaign') }} as campaign,
    currency,
    cast(properties as varchar) as properties,
    cost,
    spend_date,
    updated_at
from spend
