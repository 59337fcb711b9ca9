-- A returned row is a conversion whose credit by a model is not 1 in all, or whose
-- value is not what is credited of it; no model leaves one out. Those of a company are
-- shared out once more among its people.
with

credited as (

    select
        'person' as entity_type,
        conversion_id,
        model,
        currency,
        sum(credit) as credit,
        sum(credited_value) as credited_value
    from {{ ref('fct_attribution') }}
    group by
        conversion_id,
        model,
        currency
    union all
    select
        'account' as entity_type,
        conversion_id,
        model,
        currency,
        sum(credit) as credit,
        sum(credited_value) as credited_value
    from {{ ref('fct_account_attribution') }}
    group by
        conversion_id,
        model,
        currency

),

-- one row a conversion, so that the conversions are held against few
shared_out as (

    select
        entity_type,
        conversion_id,
        currency,
        count(*) as model_count,
        min(credit) as least_credit,
        max(credit) as most_credit,
        min(credited_value) as least_value,
        max(credited_value) as most_value
    from credited
    group by
        entity_type,
        conversion_id,
        currency

),

conversions as (

    select
        'person' as entity_type,
        conversion_id,
        currency,
        value
    from {{ ref('fct_conversions') }}
    union all
    select
        'account' as entity_type,
        conversion_id,
        currency,
        value
    from {{ ref('fct_conversions') }}
    where account_id is not null

)

select
    conversions.value,
    shared_out.model_count,
    shared_out.least_credit,
    shared_out.most_credit,
    shared_out.least_value,
    shared_out.most_value,
    coalesce(conversions.entity_type, shared_out.entity_type) as entity_type,
    coalesce(conversions.conversion_id, shared_out.conversion_id) as conversion_id
from conversions
full outer join shared_out
    on
        conversions.entity_type = shared_out.entity_type
        and conversions.conversion_id = shared_out.conversion_id
        and conversions.currency = shared_out.currency
where
    shared_out.model_count is distinct from {{ attribution_models() | length }}
    or shared_out.least_credit is distinct from 1
    or shared_out.most_credit is distinct from 1
    or shared_out.least_value is distinct from conversions.value
    or shared_out.most_value is distinct from conversions.value
