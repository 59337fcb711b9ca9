-- One row an account that gets a brief and a rule that adds to its score, over all its
-- people, and one for the bonus of several being active. Shares sum to the score.
with

people as (

    select
        *,
        {{ person_in_words() }} as person
    from {{ ref('dim_people') }}

),

briefed_people as (

    select * from {{ ref('rpt_account_people') }}

),

account_reasons as (

    select * from {{ ref('fct_account_score_reasons') }}

),

person_reasons as (

    select * from {{ ref('fct_person_score_reasons') }}

),

rules as (

    select * from {{ ref('scoring_rules') }}

),

briefed_accounts as (

    select distinct
        briefed_people.account_id,
        dim_accounts.account_score
    from briefed_people
    inner join {{ ref('dim_accounts') }} as dim_accounts
        on briefed_people.account_id = dim_accounts.account_id

),

-- what a person adds to the account, divided as the person's own score is
summed as (

    select
        account_reasons.account_id,
        briefed_accounts.account_score,
        person_reasons.rule_id,
        person_reasons.as_of_date,
        count(distinct people.person_id) as people_count,
        min(people.person) as person,
        cast(sum(person_reasons.event_count) as bigint) as event_count,
        max(person_reasons.event_date) as last_event_date,
        cast(sum({{ fixed_point(
            'account_reasons.score_share'
            ' * person_reasons.score_share / people.intent_score'
        ) }}) as double) as score_share
    from person_reasons
    inner join people on person_reasons.person_id = people.person_id
    inner join account_reasons
        on person_reasons.person_id = account_reasons.person_id
    inner join briefed_accounts
        on account_reasons.account_id = briefed_accounts.account_id
    where person_reasons.score_share > 0
    group by
        account_reasons.account_id,
        briefed_accounts.account_score,
        person_reasons.rule_id,
        person_reasons.as_of_date

),

told as (

    select
        summed.account_id,
        summed.rule_id,
        rules.reason || ': '
        || case
            when summed.people_count = 1 then summed.person
            else cast(summed.people_count as varchar) || ' people'
        end
        || case
            when summed.event_count = 1 then ', '
            else ', ' || cast(summed.event_count as varchar) || ' times, last on '
        end
        || {{ day_in_words('summed.last_event_date', 'summed.as_of_date') }} as reason,
        summed.people_count,
        summed.event_count,
        summed.score_share,
        summed.account_score,
        summed.last_event_date,
        summed.as_of_date
    from summed
    inner join rules on summed.rule_id = rules.rule_id
    union all
    select
        account_reasons.account_id,
        account_reasons.reason_type as rule_id,
        account_reasons.reason,
        null as people_count,
        null as event_count,
        account_reasons.score_share,
        briefed_accounts.account_score,
        null as last_event_date,
        account_reasons.as_of_date
    from account_reasons
    inner join briefed_accounts
        on account_reasons.account_id = briefed_accounts.account_id
    where account_reasons.person_id is null

)

select
    account_id,
    rule_id,
    reason,
    people_count,
    event_count,
    {{ whole_share(
        'score_share', 'account_score', partition_by='account_id', then_by='rule_id'
    ) }} as shown_share,
    score_share,
    last_event_date,
    as_of_date,
    row_number() over (
        partition by account_id order by score_share desc, rule_id asc
    ) as reason_rank
from told
