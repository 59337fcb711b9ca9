-- One row a person, from the devices and the shared events.
create temp table slices as
select
    visitor_number,
    slice_number,
    any_value(person_number) as person_number,
    count(*) as event_count,
    count(*) filter (where is_bot) as bot_event_count,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from placed
group by visitor_number, slice_number;

create temp table addresses as
with

told as (

    select
        coalesce(shared_events.person_number, devices.person_number) as person_number,
        owners.identifier as primary_email,
        owners.email_domain,
        owners.registrable_domain,
        owners.email_class,
        namings.event_at,
        namings.event_id
    from namings
    inner join devices on namings.visitor_number = devices.visitor_number
    left join shared_events on namings.event_row = shared_events.event_row
    inner join owners
        on owners.identifier_type = 'email' and namings.email = owners.identifier
    where
        owners.person_node
        = coalesce(shared_events.person_number, devices.person_number)
        or (not owners.is_linkable and namings.user_id is not null)

)

select
    *,
    bool_or(email_class = 'internal') over one_person as has_internal,
    bool_and(email_class = 'disposable') over one_person as has_only_disposable
from told
window
    one_person as (partition by person_number)
qualify row_number() over (
    partition by person_number
    order by email_class = 'business' desc, event_at desc, event_id desc
) = 1;

create temp table people as
with

summed as (

    select
        person_number,
        cast(sum(event_count) as bigint) as event_count,
        sum(bot_event_count) as bot_event_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from slices
    group by person_number

)

select
    summed.person_number,
    coalesce(owners.person_id, devices.own_person_id) as person_id,
    summed.person_number > 0 as is_identified,
    addresses.primary_email,
    addresses.email_domain,
    addresses.email_class,
    summed.event_count,
    summed.first_seen_at,
    summed.last_seen_at,
    case
        when summed.bot_event_count = summed.event_count then 'bot'
        when addresses.has_internal then 'internal'
        when addresses.has_only_disposable then 'disposable'
    end as exclusion_reason,
    if(
        addresses.email_class = 'business' and exclusion_reason is null,
        addresses.registrable_domain,
        null
    ) as account_domain,
    md5(account_domain)::uuid as account_id
from summed
left join owners on summed.person_number = owners.node_number
left join devices on -summed.person_number = devices.visitor_number
left join addresses on summed.person_number = addresses.person_number;

-- One row a person, rule and day, with the one event behind it where there is only one.
create temp table buckets as
select
    placed.person_number,
    placed.rule_number,
    placed.event_at // 86400000000 as day_number,
    count(*) as event_count,
    min(placed.place) as place
from placed
where
    placed.rule_number is not null
    and not placed.is_bot
group by all;

set variable day_number = datediff('day', date '1970-01-01', getvariable('as_of'));

create temp table measured as
with

last_days as (

    select
        person_number,
        rule_number,
        max(day_number) filter (where day_number <= getvariable('day_number'))
            as last_day,
        max(day_number) filter (where day_number <= getvariable('day_number') - 7)
            as earlier_day
    from buckets
    group by all

),

capped as (

    select
        buckets.*,
        last_days.last_day,
        last_days.earlier_day,
        rules.half_life_days,
        least(buckets.event_count, rules.daily_cap) as counted,
        rules.weight * counted as raw_points
    from buckets
    inner join last_days
        on
            buckets.person_number = last_days.person_number
            and buckets.rule_number = last_days.rule_number
    inner join rules on buckets.rule_number = rules.rule_number
    where buckets.person_number not in (
        select people.person_number from people
        where people.exclusion_reason is not null
    )

)

select
    person_number,
    rule_number,
    day_number,
    last_day,
    earlier_day,
    event_count,
    place,
    counted,
    cast(raw_points as decimal(18, 12)) as points,
    cast(if(
        day_number <= last_day,
        raw_points * power(2e0, -(last_day - day_number) / half_life_days),
        null
    ) as decimal(18, 12)) as points_at_last_day,
    cast(if(
        day_number <= earlier_day,
        raw_points * power(2e0, -(earlier_day - day_number) / half_life_days),
        null
    ) as decimal(18, 12)) as points_at_earlier_day
from capped;

create temp macro saturated(amount, last_day, as_of_day, half_life, ceiling) as
cast(case
    when last_day is null or as_of_day - last_day > 20 * half_life then null
    when ceiling > 0
        then ceiling * (
            1 - exp(
                -(amount * power(2e0, -(as_of_day - last_day) / half_life)) / ceiling
            )
        )
    else 0e0
end as decimal(18, 12));

create temp table saturated_rules as
with

summed as (

    select
        person_number,
        rule_number,
        any_value(last_day) as last_day,
        any_value(earlier_day) as earlier_day,
        sum(points_at_last_day) as points_at_last_day,
        sum(points_at_earlier_day) as points_at_earlier_day
    from measured
    group by all

)

select
    summed.person_number,
    summed.rule_number,
    summed.last_day,
    summed.points_at_last_day,
    saturated(
        summed.points_at_last_day, summed.last_day, getvariable('day_number'),
        rules.half_life_days, rules.saturation
    ) as points,
    saturated(
        summed.points_at_earlier_day, summed.earlier_day,
        getvariable('day_number') - 7, rules.half_life_days, rules.saturation
    ) as earlier_points
from summed
inner join rules on summed.rule_number = rules.rule_number;

create temp table hands as
select
    measured.person_number,
    measured.rule_number,
    measured.day_number,
    measured.event_count,
    measured.place,
    measured.counted
from measured
inner join rules on measured.rule_number = rules.rule_number
where
    rules.is_hand_raise
    and measured.day_number <= getvariable('day_number')
    and getvariable('day_number') - measured.day_number < 14;

set variable bands = (
    select list({ 'band': band, 'minimum': minimum_score } order by minimum_score desc)
    from warehouse.seeds.score_bands
);

create temp macro band_of(score) as
list_filter(
    getvariable('bands'), lambda entry: round(score, 9) >= entry.minimum
)[1].band;

set variable ruleset_id = (
    select md5(string_agg(rule_text, chr(10) order by rule_text))
    from (
        select
            'rule ' || rule_id || '|' || priority || '|' || coalesce(event_type, '')
            || '|' || coalesce(event_name, '') || '|' || coalesce(page_class, '')
            || '|' || weight || '|' || half_life_days || '|' || daily_cap
            || '|' || saturation || '|' || is_hand_raise
            || '|' || coalesce(score_group, '') as rule_text
        from rules
        union all
        select 'band ' || band || '|' || minimum_score from warehouse.seeds.score_bands
        union all
        select 'page ' || page_class || '|' || priority || '|' || path_pattern
        from warehouse.seeds.page_classes
        union all
        select unnest([
            'person_score_scale 40', 'forget_after_half_lives 20', 'hand_raise_days 14',
            'account_score_scale 50', 'account_rank_decay 0.5', 'diversity_bonus 0.15',
            'diversity_people_cap 8', 'active_people_days 14'
        ])
    )
);

create temp table scores as
with

summed as (

    select
        person_number,
        max(last_day) as last_day,
        cast(coalesce(sum(points), 0) as double) as points,
        cast(coalesce(sum(earlier_points), 0) as double) as earlier_points
    from saturated_rules
    where last_day is not null
    group by person_number

)

select
    people.person_number,
    date '1970-01-01' + cast(summed.last_day as integer) as last_scored_date,
    coalesce(summed.points, 0) as points,
    100 * (1 - power(2e0, -(coalesce(summed.points, 0)) / 40)) as intent_score,
    intent_score - 100 * (1 - power(2e0, -(coalesce(summed.earlier_points, 0)) / 40))
        as score_change_7d,
    if(
        people.person_number in (select hands.person_number from hands),
        'hot',
        band_of(intent_score)
    ) as intent_band
from people
left join summed on people.person_number = summed.person_number;
