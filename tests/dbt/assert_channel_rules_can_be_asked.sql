-- A channel rule that asks for nothing and so would never match, that has the name of
-- another, or a pattern that is no regular expression.
with

rules as (

    select
        rule_id,
        source_category,
        source_pattern,
        medium_pattern,
        campaign_pattern,
        cast(null as varchar) as path_pattern
    from {{ ref('channel_rules') }}
    union all
    select
        rule_id,
        source_category,
        source_pattern,
        medium_pattern,
        campaign_pattern,
        path_pattern
    from {{ ref('custom_channels') }}

),

patterns as (

    select
        rule_id,
        source_pattern as pattern
    from rules
    union all
    select
        rule_id,
        medium_pattern as pattern
    from rules
    union all
    select
        rule_id,
        campaign_pattern as pattern
    from rules
    union all
    select
        rule_id,
        path_pattern as pattern
    from rules

)

select
    rule_id,
    'asks for nothing' as fault
from rules
where
    coalesce(
        source_category, source_pattern, medium_pattern, campaign_pattern, path_pattern
    ) is null
union all
select
    rule_id,
    'has the name of another' as fault
from rules
group by rule_id
having count(*) > 1
union all
select
    rule_id,
    'has a pattern that cannot be read' as fault
from patterns
where pattern is not null and try({{ matches("''", 'pattern') }}) is null
