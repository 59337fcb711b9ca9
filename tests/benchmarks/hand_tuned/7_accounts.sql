create temp table ranked_people as
with

windows as (

    select
        person_number,
        bool_or(getvariable('day_number') - day_number < 14) as is_active,
        sum(points) filter (where getvariable('day_number') - day_number < 7)
            as surge_points,
        sum(points) filter (
            where getvariable('day_number') - day_number between 7 and 90
        ) as base_points
    from measured
    where
        day_number <= getvariable('day_number')
        and person_number in (
            select people.person_number from people
            where people.account_id is not null
        )
    group by person_number

),

ranked as (

    select
        people.account_id,
        people.account_domain,
        people.person_number,
        people.person_id,
        people.first_seen_at,
        people.last_seen_at,
        scores.points as person_points,
        coalesce(windows.is_active, false) as is_active,
        coalesce(windows.surge_points, 0) as surge_points,
        coalesce(windows.base_points, 0) as base_points,
        row_number() over (
            partition by people.account_id
            order by scores.points desc, people.person_id asc
        ) as person_rank
    from people
    inner join scores on people.person_number = scores.person_number
    left join windows on people.person_number = windows.person_number
    where people.account_id is not null

)

select
    *,
    cast(power(0.5e0, person_rank - 1) * person_points as decimal(38, 12))
        as added_points
from ranked;

create temp table accounts as
with

summed as (

    select
        account_id,
        any_value(account_domain) as account_domain,
        cast(sum(added_points) as double) as people_points,
        cast(sum(surge_points) as double) as surge_points,
        cast(sum(base_points) as double) as base_points,
        count(*) as people_count,
        count(*) filter (where is_active) as active_people_14d,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from ranked_people
    group by account_id

)

select
    *,
    log2(least(greatest(active_people_14d, 1), 8)) * 0.15 as diversity_bonus,
    people_points * diversity_bonus as diversity_points,
    people_points * (1 + diversity_bonus) as points,
    100 * (1 - power(2e0, -points / 50)) as account_score,
    band_of(account_score) as account_band,
    if(base_points > 0, surge_points / base_points * 84 / 7, null) as surge
from summed;

create table fct_account_scores as
select
    account_id,
    account_band,
    getvariable('ruleset_id') as ruleset_id,
    account_score,
    points,
    people_count,
    active_people_14d,
    surge,
    getvariable('as_of') as as_of_date
from accounts;

create table dim_accounts as
with

company_names as (

    select
        account_id,
        company_name
    from dim_people
    where
        account_id is not null
        and company_name is not null
    group by account_id, company_name
    qualify row_number() over (
        partition by account_id order by count(*) desc, company_name asc
    ) = 1

)

select
    accounts.account_id,
    accounts.account_domain as domain,
    company_names.company_name,
    accounts.account_band,
    accounts.people_count,
    accounts.active_people_14d,
    accounts.account_score,
    accounts.points,
    accounts.surge,
    getvariable('as_of') as as_of_date,
    make_timestamp(accounts.first_seen_at) as first_seen_at,
    make_timestamp(accounts.last_seen_at) as last_seen_at
from accounts
left join company_names on accounts.account_id = company_names.account_id;

create table fct_account_score_reasons as
with

names as (

    select * from dim_people
    where account_id is not null

),

first_reasons as (

    select
        person_id,
        reason
    from fct_person_score_reasons
    where reason_rank = 1

)

select
    accounts.account_id,
    ranked_people.person_id,
    'person' as reason_type,
    coalesce(names.full_name, names.primary_email) || ': ' || names.intent_band || ', '
    || cast(floor(round(names.intent_score, 9)) as bigint)
    || coalesce(' (' || first_reasons.reason || ')', '') as reason,
    accounts.account_score
    * (cast(ranked_people.added_points as double) / accounts.points) as score_share,
    getvariable('as_of') as as_of_date
from ranked_people
inner join accounts on ranked_people.account_id = accounts.account_id
inner join names on ranked_people.person_id = names.person_id
left join first_reasons on ranked_people.person_id = first_reasons.person_id
where
    accounts.points > 0
    and ranked_people.added_points > 0
union all
select
    account_id,
    null as person_id,
    'diversity' as reason_type,
    active_people_14d || ' people active in 14 days' as reason,
    account_score * (diversity_points / points) as score_share,
    getvariable('as_of') as as_of_date
from accounts
where
    points > 0
    and diversity_points > 0;

create table map_identities as
with

unnamed as (

    select
        visitor_number,
        first_seen_at,
        last_seen_at
    from slices
    where person_number < 0

)

select
    identifier_type,
    identifier,
    person_id as canonical_person_id,
    cast(null as timestamp) as valid_from,
    cast(null as timestamp) as valid_to,
    make_timestamp(first_seen_at) as first_seen_at,
    make_timestamp(last_seen_at) as last_seen_at,
    link_event_id
from owners
union all
select
    'anonymous_id' as identifier_type,
    devices.anonymous_id as identifier,
    cuts.person_id as canonical_person_id,
    make_timestamp(cuts.from_at) as valid_from,
    make_timestamp(cuts.to_at) as valid_to,
    make_timestamp(slices.first_seen_at) as first_seen_at,
    make_timestamp(slices.last_seen_at) as last_seen_at,
    cuts.naming_event_id as link_event_id
from cuts
inner join devices on cuts.visitor_number = devices.visitor_number
left join slices
    on
        cuts.visitor_number = slices.visitor_number
        and (slices.slice_number is null or cuts.slice_number = slices.slice_number)
where
    devices.anonymous_id is not null
    and not devices.is_address_visitor
union all
select
    'anonymous_id' as identifier_type,
    devices.anonymous_id as identifier,
    devices.own_person_id as canonical_person_id,
    null as valid_from,
    null as valid_to,
    make_timestamp(unnamed.first_seen_at) as first_seen_at,
    make_timestamp(unnamed.last_seen_at) as last_seen_at,
    null as link_event_id
from devices
left join unnamed on devices.visitor_number = unnamed.visitor_number
where
    devices.anonymous_id is not null
    and not devices.is_named;

create table map_person_ids as
select
    md5(node_id)::uuid as own_person_id,
    identifier_type,
    identifier,
    person_id as canonical_person_id,
    link_event_id,
    make_timestamp(linked_at) as linked_at
from owners
union all
select
    devices.own_person_id,
    if(devices.anonymous_id is null, 'server', 'anonymous_id') as identifier_type,
    devices.visitor_id as identifier,
    coalesce(cuts.person_id, devices.own_person_id) as canonical_person_id,
    cuts.naming_event_id as link_event_id,
    make_timestamp(cuts.named_at) as linked_at
from devices
left join cuts
    on
        devices.visitor_number = cuts.visitor_number
        and cuts.slice_number = 1
        and not devices.is_address_visitor;
