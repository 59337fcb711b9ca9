-- One row a day and campaign, as far as the files tell them apart: by every column but
-- what it cost, what was measured of it (seeds/ad_spend) and when that was told. Of
-- several the one told last holds, of equally late ones the dearest, since platforms
-- restate a day upwards.
with

spend as (

    select * from {{ ref('stg_ads__spend') }}

),

measures as (

    select * from {{ ref('ad_measure_columns') }}

),

members as (

    select
        content_md5,
        {{ members_of('properties') }}
    from spend
    where properties is not null

),

-- spelled alike: one export writes `Ad group`, the next ad_group
dimensions as (

    select distinct
        content_md5,
        {{ plain_name('member_name') }} as column_name,
        {{ as_tagged('member_value') }} as column_value
    from members

),

-- an ad group is another ad; other clicks are the same ad told again
divisions as (

    select
        dimensions.content_md5,
        {{ joined_in_order(
            'md5(dimensions.column_name) || md5(dimensions.column_value)',
            "''", 'dimensions.column_name, dimensions.column_value'
        ) }} as division
    from dimensions
    left join measures on dimensions.column_name = measures.column_name
    where
        measures.column_name is null
        -- an empty cell says no more than a column that is not there
        and dimensions.column_value != '(not set)'
    group by dimensions.content_md5

),

keyed as (

    select
        spend.*,
        md5(concat(
            cast(spend.spend_date as varchar), spend.currency,
            md5(spend.source), md5(spend.medium), md5(spend.campaign),
            coalesce(divisions.division, '')
        )) as spend_id
    from spend
    left join divisions on spend.content_md5 = divisions.content_md5

)

select
    spend_id,
    source,
    medium,
    campaign,
    currency,
    properties,
    cost,
    spend_date,
    updated_at
from keyed
qualify row_number() over (
    partition by spend_id
    order by updated_at desc nulls last, cost desc, content_md5 asc
) = 1
