create schema marts;
create schema ops;

create table marts.fct_events as
select
    *,
    false as is_bot,
    false as is_consent_denied,
    null::varchar as traffic_flag,
    null::varchar as rule_id,
    null::varchar as email
from (
    values
        ('e1', 'page', null::varchar, timestamp '2026-06-28 09:00:00', 'dev-1', null, 'p-anna'),
        ('e2', 'identify', null, timestamp '2026-06-28 09:05:00', 'dev-1', 'u-anna', 'p-anna'),
        ('e3', 'page', null, timestamp '2026-06-29 10:00:00', 'dev-2', 'u-anna', 'p-anna'),
        ('e4', 'identify', null, timestamp '2026-06-29 12:00:00', 'dev-2', 'u-bob', 'p-bob')
) as events (event_id, event_type, event_name, event_at, anonymous_id, user_id, person_id);
comment on table marts.fct_events is 'One row an event. Every event of the log is here.';

create table marts.fct_excluded_traffic as
select *
from (
    values
        (date '2026-06-28', 'bot', 'agent', 1200),
        (date '2026-06-29', 'bot', 'no_pause', 34),
        (date '2026-06-29', 'consent_denied', 'none', 5)
) as excluded (event_date, reason, traffic_rule, event_count);

create table marts.map_identities as
select
    identifier_type,
    identifier,
    canonical_person_id,
    cast(valid_from as timestamp) as valid_from,
    cast(valid_to as timestamp) as valid_to,
    timestamp '2026-06-28 09:00:00' as first_seen_at,
    timestamp '2026-06-29 12:00:00' as last_seen_at,
    link_event_id
from (
    values
        ('user_id', 'u-anna', 'p-anna', null, null, null),
        ('email', 'anna@acme.com', 'p-anna', null, null, 'e2'),
        ('anonymous_id', 'dev-1', 'p-anna', null, null, 'e2'),
        ('anonymous_id', 'dev-2', 'p-anna', null, '2026-06-29 12:00:00', 'e3'),
        ('anonymous_id', 'dev-2', 'p-bob', '2026-06-29 12:00:00', null, 'e4'),
        ('user_id', 'u-bob', 'p-bob', null, null, null),
        ('email', 'info@acme.com', 'p-nobody', null, null, null)
) as names (identifier_type, identifier, canonical_person_id, valid_from, valid_to, link_event_id);

create table marts.map_person_ids as
select *
from (
    values
        ('p-anna', 'p-anna'),
        ('p-device-1', 'p-anna'),
        ('p-bob', 'p-bob'),
        ('p-nobody', 'p-nobody')
) as ids (own_person_id, canonical_person_id);

create table marts.map_refused_links as
select
    'identify' as link_type,
    'user_id' as left_identifier_type,
    'u-anna' as left_identifier,
    'email' as right_identifier_type,
    'info@acme.com' as right_identifier,
    'role address' as reason,
    'e3' as event_id,
    timestamp '2026-06-29 10:00:00' as event_at;

create table marts.dim_people as
select
    *,
    date '2026-06-29' as last_scored_date, date '2026-06-30' as as_of_date,
    timestamp '2026-06-28 09:00:00' as first_seen_at,
    timestamp '2026-06-29 12:00:00' as last_seen_at
from (
    values
        (
            'p-anna', true, 'Anna Ames', 'CTO', 'ACME', 'anna@acme.com', 'a-acme', 3, 2,
            'Direct', 'Paid Search', 60.5e0, 'warm', 53.6e0, 4.25e0, null::varchar,
            'student: Address at a university (uni.edu)'
        ),
        (
            'p-bob', true, null, null, null, null, 'a-acme', 1, 1,
            'Direct', 'Direct', 10.0e0, 'cold', 6.1e0, 0e0, null, null
        )
) as people (
    person_id, is_identified, full_name, job_title, company_name, primary_email, account_id,
    event_count, session_count, first_channel, latest_channel, intent_score, intent_band,
    points, score_change_7d, exclusion_reason, flag_reasons
);

create table marts.fct_person_score_reasons as
select
    *,
    date '2026-06-30' as as_of_date
from (
    values
        ('p-anna', 'pricing_view', date '2026-06-29', 5, 2, 45.25e0, 'Viewed pricing 5 times', ['e3'], 2),
        ('p-anna', 'demo_request', date '2026-06-28', 1, 1, 15.25e0, 'Asked for a demo', ['e1'], 3),
        ('p-anna', 'demo_request_hand_raise', date '2026-06-28', 1, 1, 0e0, 'Hand raised', ['e1'], 1),
        ('p-bob', 'blog_read', date '2026-06-29', 1, 1, 10.0e0, 'Read the blog', ['e4'], 1)
) as reasons (
    person_id, rule_id, event_date, event_count, counted, score_share, reason, event_ids,
    reason_rank
);

create table marts.fct_sessions as
select
    md5('s-' || number)::uuid as session_id,
    'p-anna' as person_id,
    'dev-1' as anonymous_id,
    timestamp '2026-06-28 09:00:00' + to_hours(number::integer) as started_at,
    300.0e0 as duration_seconds,
    3 as event_count,
    2 as page_view_count,
    'Direct' as channel,
    'https://example.com/pricing' as entry_page_url,
    null::varchar as utm_campaign
from range(2) as numbers (number);

create table marts.dim_accounts as
select
    'a-acme' as account_id,
    'acme.com' as domain,
    'ACME' as company_name,
    date '2026-06-30' as as_of_date,
    58.0e0 as account_score,
    'warm' as account_band,
    62.5e0 as points,
    2 as people_count,
    2 as active_people_14d,
    null::double as surge;

create table marts.fct_account_score_reasons as
select *
from (
    values
        ('a-acme', 'person', 'p-anna', 48.0e0, 'Anna Ames, warm with a score of 61'),
        ('a-acme', 'person', 'p-bob', 3.0e0, 'Second person of the account'),
        ('a-acme', 'diversity', null, 7.0e0, '2 people active in 14 days')
) as reasons (account_id, reason_type, person_id, score_share, reason);

create table marts.fct_alerts as
select
    *,
    date '2026-06-30' as as_of_date
from (
    values
        ('person', 'p-anna', 'cool', 'warm', 60.5e0),
        ('account', 'a-acme', 'cold', 'warm', 58.0e0)
) as alerts (entity_type, entity_id, band_before, band, score);

create table marts.sync_accounts as
select
    *,
    timestamp '2026-06-29 22:30:00' as last_seen_at,
    null::varchar as owner,
    false as is_customer,
    date '2026-06-30' as as_of_date
from (
    values
        ('zeta.com', 'Zeta', 'cool', 20, null, 1, 0, null, 'Read the blog'),
        ('acme.com', '=HYPERLINK("http://evil.example")', 'warm', 58, 2.25e0, 2, 2,
            'Anna Ames <anna@acme.com>', 'Viewed pricing 5 times; asked for a demo')
) as accounts (
    domain, company_name, account_band, account_score, surge, people_count, active_people_14d,
    hottest_people, why
);

comment on table marts.sync_accounts is 'The sales export of companies.';
comment on column marts.sync_accounts.surge is 'The last 7 days against an average week before.';

create table marts.sync_people as
select
    *,
    timestamp '2026-06-29 22:30:00' as last_seen_at,
    timestamp '2026-06-28 09:00:00' as first_seen_at,
    null::varchar as job_title,
    null::varchar as company_name,
    null::varchar as account_domain,
    null::varchar as first_channel,
    null::varchar as latest_channel,
    null::bigint as account_score,
    null::varchar as account_band,
    null::varchar as stage,
    case when email = 'zoe@zeta.com' then 'customer, cannot_email' end as flags,
    email != 'zoe@zeta.com' as can_email,
    email = 'zoe@zeta.com' as is_customer,
    case when email = 'zoe@zeta.com' then 'Kim Lee' end as owner,
    date '2026-06-30' as as_of_date
from (
    values
        ('anna@acme.com', 'Anna Ames', 'warm', 60, 4, 'Viewed pricing 5 times', 2),
        ('zoe@zeta.com', E'Zoë\n=1+1', 'cool', 20, -3, 'Read the blog', 1)
) as people (email, full_name, intent_band, intent_score, score_change_7d, why, session_count);

create table marts.sync_new_business as
select * from marts.sync_people where flags is null;

create table marts.sync_mailing as
select
    email, full_name, company_name, account_domain, intent_band, intent_score, why, owner, stage,
    flags, is_customer, as_of_date
from marts.sync_people
where can_email;

create table marts.sync_hubspot_contacts as
select
    md5('hubspot:contact:' || email) as idempotency_key,
    md5(email || full_name || intent_score) as row_fingerprint,
    email,
    split_part(full_name, ' ', 1) as first_name,
    split_part(full_name, ' ', 2) as last_name,
    null::varchar as job_title,
    '+49 30 123-4' as phone,
    null::varchar as company_name,
    split_part(email, '@', 2) as company_domain,
    intent_band,
    why as reasons,
    case when is_customer then 'kim@example.com' end as owner_email,
    intent_score,
    is_customer,
    can_email,
    cast(last_seen_at as date) as last_seen_date,
    as_of_date
from marts.sync_people;

create table marts.sync_hubspot_companies as
select
    md5('hubspot:company:' || domain) as idempotency_key,
    md5(domain || intent_score) as row_fingerprint,
    domain,
    company_name,
    account_band as intent_band,
    why as reasons,
    owner as owner_email,
    account_score as intent_score,
    people_count,
    active_people_14d,
    is_customer,
    cast(last_seen_at as date) as last_seen_date,
    as_of_date
from (select *, account_score as intent_score from marts.sync_accounts);

create table marts.sync_salesforce_leads as
select
    md5('salesforce:lead:' || email) as idempotency_key,
    row_fingerprint,
    email,
    first_name,
    coalesce(nullif(last_name, ''), '(unknown)') as last_name,
    company_domain as company,
    job_title,
    phone,
    company_domain as website,
    intent_band,
    reasons,
    owner_email,
    intent_score,
    case when not can_email then true end as has_opted_out_of_email,
    last_seen_date,
    as_of_date
from marts.sync_hubspot_contacts;

create table marts.sync_salesforce_accounts as
select
    md5('salesforce:account:' || domain) as idempotency_key,
    row_fingerprint,
    company_name as account_name,
    domain as website,
    intent_band,
    reasons,
    owner_email,
    intent_score,
    people_count,
    active_people_14d,
    is_customer,
    last_seen_date,
    as_of_date
from marts.sync_hubspot_companies;

create table marts.dim_leads as
select
    *,
    split_part(email, '@', 2) as email_domain,
    null::varchar as properties,
    null::varchar as phone,
    case when email = 'new@acme.com' then 'cannot_email' end as flags,
    email != 'new@acme.com' as can_email,
    case when email_domain = 'acme.com' then 'a-acme' end as account_id,
    case when email_domain = 'acme.com' then 'acme.com' end as account_domain,
    person_id is not null as is_seen,
    timestamp '2026-06-01 12:00:00' as updated_at
from (
    values
        ('anna@acme.com', 'business', 'p-anna', 'Anna Ames', 'CTO', 'ACME', null, 'open', false),
        ('new@acme.com', 'business', null, '=1+1', 'CFO', null, 'Kim Lee', 'cold call', false),
        ('old@free.example', 'free', null, null, null, null, 'eve@example.com', null, true),
        ('nobodys@free.example', 'free', null, 'Nobody''s', null, null, null, null, false),
        ('zoe@zeta.com', 'business', null, 'Zoe', null, null, 'Kim Lee', null, true),
        ('us@example.com', 'internal', null, 'Us', null, null, 'Kim Lee', null, false),
        ('x@away.example', 'disposable', null, 'X', null, null, 'Kim Lee', null, false)
) as leads (
    email, email_class, person_id, full_name, job_title, company_name, owner, stage, is_customer
);

create table marts.sync_reasons as
select
    *,
    null::varchar as company_name,
    null::varchar as account_domain,
    date '2026-06-30' as as_of_date
from (
    values
        ('anna@acme.com', 'Anna Ames', 'warm', 60, 2, date '2026-06-28', 'Asked for a demo', 15),
        ('anna@acme.com', 'Anna Ames', 'warm', 60, 1, date '2026-06-29', 'Viewed pricing 5 times', 45),
        ('zoe@zeta.com', E'Zoë\n=1+1', 'cool', 20, 1, date '2026-06-29', 'Read the blog', 20)
) as reasons (
    email, full_name, intent_band, intent_score, reason_rank, event_date, reason, score_share
);

create table marts.rpt_account_briefs as
select
    'a-acme' as account_id,
    'acme.com' as domain,
    'ACME <b>& Sons</b>' as company_name,
    'warm' as account_band,
    null::varchar as owner,
    'Anna Ames looked at the prices on 29 Jun. Ask what it has to be worth.' as opening_line,
    'Viewed pricing 5 times' as first_reason,
    'Direct 1, Paid Search 1' as channels,
    2 as session_count,
    2 as people_count,
    2 as active_people_14d,
    58 as shown_score,
    58.0e0 as account_score,
    2.25e0 as surge,
    false as is_customer,
    date '2026-04-02' as chart_from_date,
    date '2026-06-30' as as_of_date,
    timestamp '2026-06-28 09:00:00' as first_seen_at,
    timestamp '2026-06-29 22:30:00' as last_seen_at;

create table marts.rpt_account_people as
select
    'a-acme' as account_id,
    *
from (
    values
        ('p-bob', null, null, 'bob@acme.com', 'cold', 'Read the blog', 10, 0, 2),
        ('p-anna', 'Anna Ames', 'CTO', 'anna@acme.com', 'warm', 'Viewed pricing', 60, 4, 1)
) as people (
    person_id, full_name, job_title, email, intent_band, what_they_did, intent_score,
    score_change_7d, person_rank
);

create table marts.rpt_account_reasons as
select
    'a-acme' as account_id,
    *
from (
    values
        ('Viewed pricing: Anna Ames, 5 times, last on 29 Jun', 1, 51),
        ('2 people active in 14 days', 2, 7)
) as reasons (reason, reason_rank, shown_share);

create table marts.rpt_account_days as
select
    'a-acme' as account_id,
    *
from (
    values
        (date '2026-06-28', 100.0e0, 1, 1),
        (date '2026-06-29', 31.0e0, 2, 6)
) as days (event_date, points, people_count, event_count);

create table ops.files as
select *
from (
    values
        (1, 'a.ndjson', 'segment', 100, 3, 2, 0, 0, 1, 0, 0, 0, timestamp '2026-06-28 09:05:00'),
        (2, 'b.ndjson', 'segment', 200, 3, 2, 1, 0, 0, 0, 0, 0, timestamp '2026-06-29 12:00:00')
) as files (
    load_id, file_name, format, byte_count, record_count, loaded_count, duplicate_count,
    collided_count, rejected_count, skipped_count, blank_count, unfinished_count, last_event_at
);

create table ops.rejected_events as
select 1 as load_id, 'a.ndjson' as file_name, 3 as line_number, 'invalid_json' as reason_code;

create table marts.rpt_mini_reports (
    request_id varchar,
    email varchar,
    is_delivered boolean,
    requested_at timestamp,
    received_at timestamp
);
