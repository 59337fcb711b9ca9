-- One row a person or account that is in another band than a week ago: up or down, and
-- who moved furthest first. Those who rose have their first reason.
with

moves as (

    select
        compared.*,
        bands.minimum_score > earlier_bands.minimum_score as is_rise,
        {{ whole_score('compared.score') }} as shown_score,
        {{ whole_score('compared.score_before') }} as shown_score_before
    from {{ ref('fct_bands_compared') }} as compared
    inner join {{ ref('score_bands') }} as bands on compared.band = bands.band
    inner join {{ ref('score_bands') }} as earlier_bands
        on compared.band_before = earlier_bands.band
    where compared.band != compared.band_before

),

person_reasons as (

    select
        person_id,
        reason
    from {{ ref('fct_person_score_reasons') }}
    where reason_rank = 1

),

account_reasons as (

    select
        account_id,
        reason
    from {{ ref('fct_account_score_reasons') }}
    qualify row_number() over (
        partition by account_id
        order by score_share desc, reason_type asc, person_id asc
    ) = 1

),

people as (

    select
        person_id,
        owner,
        {{ person_in_words() }} as person
    from {{ ref('dim_people') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

)

select
    moves.entity_type,
    moves.entity_id,
    moves.band_before,
    moves.band,
    moves.shown_score_before,
    moves.shown_score,
    moves.is_rise,
    moves.as_of_date,
    coalesce(accounts.domain, people.person, '(no name)') as entity_name,
    coalesce(accounts.owner, people.owner) as owner,
    case
        when moves.is_rise then coalesce(person_reasons.reason, account_reasons.reason)
    end as first_reason,
    row_number() over (
        partition by moves.entity_type, moves.is_rise
        order by
            abs(moves.shown_score - moves.shown_score_before) desc,
            moves.shown_score desc,
            moves.entity_id asc
    ) as move_rank
from moves
left join people
    on
        moves.entity_type = 'person'
        and moves.entity_id = people.person_id
left join accounts
    on
        moves.entity_type = 'account'
        and moves.entity_id = accounts.account_id
left join person_reasons on people.person_id = person_reasons.person_id
left join account_reasons on accounts.account_id = account_reasons.account_id
