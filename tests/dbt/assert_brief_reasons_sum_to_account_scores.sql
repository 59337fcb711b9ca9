-- A brief whose reasons do not add up to the score that it shows.
with

briefs as (

    select * from {{ ref('rpt_account_briefs') }}

),

summed as (

    select
        account_id,
        sum(score_share) as score_of_reasons
    from {{ ref('rpt_account_reasons') }}
    group by account_id

)

select
    briefs.domain,
    briefs.account_score,
    summed.score_of_reasons
from briefs
left join summed on briefs.account_id = summed.account_id
where abs(briefs.account_score - coalesce(summed.score_of_reasons, 0)) > 1e-9
