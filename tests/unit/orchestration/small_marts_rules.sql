create table marts.map_accepted_links as
select
    'p-anna' as canonical_person_id,
    'identify' as link_type,
    'email' as left_identifier_type,
    'anna@acme.com' as left_identifier,
    'user_id' as right_identifier_type,
    'u-anna' as right_identifier,
    'e2' as event_id,
    timestamp '2026-06-28 09:05:00' as event_at;

create table marts.dim_scoring_rules as
select
    *,
    null::varchar as score_group,
    null::double as group_cap
from (
    values
        ('demo_request', 'Asked for a demo', 100e0, 30e0, 1, 150e0, true),
        ('pricing_view', 'Viewed pricing', 15e0, 14e0, 2, 45e0, false),
        ('blog_read', 'Read the blog', 1e0, 7e0, 3, 6e0, false)
) as rules (rule_id, reason, weight, half_life_days, daily_cap, saturation, is_hand_raise);

create table marts.dim_score_bands as
select *
from (values ('hot', 70e0), ('warm', 40e0), ('cool', 15e0), ('cold', 0e0))
    as bands (band, minimum_score);

create table marts.dim_rulesets as
select
    'r1' as ruleset_id,
    40e0 as person_score_scale,
    20e0 as forget_after_half_lives,
    14 as hand_raise_days,
    50e0 as account_score_scale,
    0.5e0 as account_rank_decay,
    0.15e0 as diversity_bonus,
    8 as diversity_people_cap,
    14 as active_people_days,
    date '2026-06-30' as as_of_date;

create view marts.fct_person_scores as
select
    people.person_id,
    people.intent_band,
    rulesets.ruleset_id,
    people.intent_score,
    people.points,
    people.score_change_7d,
    rulesets.as_of_date
from dim_people as people
cross join dim_rulesets as rulesets;
