-- A returned row is a conversion whose credit by a model is not 1 in all, or whose
-- value is not what is credited of it; no model leaves one out. Those of a company are
-- shared out once more among its people.
with

models as (

    {% for model in attribution_models() %}
    {{ 'union all' if not loop.first }}
    select '{{ model }}' as model
    {% endfor %}

),

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
    conversions.entity_type,
    conversions.conversion_id,
    models.model,
    credited.credit,
    credited.credited_value,
    conversions.value
from conversions
cross join models
full join credited
    on
        conversions.entity_type = credited.entity_type
        and conversions.conversion_id = credited.conversion_id
        and conversions.currency = credited.currency
        and models.model = credited.model
where
    credited.credit is distinct from 1
    or credited.credited_value is distinct from conversions.value
