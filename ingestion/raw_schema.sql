-- Schema raw of warehouse.duckdb. All times are UTC. Only the loader writes here.
create schema if not exists raw;

create sequence if not exists raw.load_ids;

-- One row an event: the winner of its event_id over the whole history.
create table if not exists raw.events (
    event_id varchar not null,
    event_type varchar not null,
    event_name varchar,
    anonymous_id varchar,
    user_id varchar,
    email varchar,
    previous_id varchar,
    group_id varchar,
    client_session_id varchar,
    event_at timestamp not null,
    original_timestamp timestamp,
    sent_at timestamp,
    received_at timestamp,
    page_url varchar,
    page_referrer varchar,
    page_title varchar,
    user_agent varchar,
    ip_prefix varchar,
    consent varchar, -- 'denied', 'granted', or null where the event says nothing
    properties json,
    traits json,
    context json,
    source varchar not null, -- the format that the event came in: segment, access_log, …
    load_id bigint not null,
    line_number bigint not null,
    event_key bigint not null -- 63 bits of the event_id's md5: the loader's narrow way to find it
);

-- The losers: same event_id, other content. Same columns, and the md5 that decided.
create table if not exists raw.event_id_collisions as
select *, cast(null as varchar) as content_md5 from raw.events limit 0;

-- Records that could not be read, whole, so that they can be mended.
create table if not exists raw.rejected_events (
    load_id bigint not null,
    file_name varchar not null,
    line_number bigint not null,
    reason_code varchar not null,
    detail varchar,
    raw_text varchar,
    record_md5 varchar not null, -- of the raw text: known again when that is forgotten
    rejected_at timestamp not null
);

-- What it takes to read a record again: the format of its file, and of CSV the first line.
alter table raw.rejected_events add column if not exists format varchar;
alter table raw.rejected_events add column if not exists header varchar;

-- The ledger: one row a load of a file. record_count is the sum of the seven counts after it.
create table if not exists raw.files (
    load_id bigint not null,
    file_name varchar not null,
    file_path varchar not null,
    content_sha256 varchar not null,
    byte_count bigint not null,
    modified_ns bigint not null,
    format varchar not null,
    record_count bigint not null,
    loaded_count bigint not null,
    duplicate_count bigint not null,
    collided_count bigint not null,
    rejected_count bigint not null,
    skipped_count bigint not null,
    blank_count bigint not null,
    unfinished_count bigint not null,
    first_event_at timestamp,
    last_event_at timestamp,
    started_at timestamp not null,
    loaded_at timestamp not null,
    parse_seconds double not null,
    dedupe_seconds double not null
);

-- What the reference lists say, one row a distinct value seen.
create table if not exists raw.email_domains (
    email_domain varchar not null,
    registrable_domain varchar, -- null where the domain is itself a public suffix
    is_free boolean not null,
    is_disposable boolean not null
);

create table if not exists raw.user_agents (
    user_agent varchar not null,
    is_bot boolean not null,
    bot_name varchar
);

-- Up to which load the values of events have been looked up: one row, once there is any.
create table if not exists raw.list_marks (
    last_load_id bigint not null
);

create table if not exists raw.list_versions (
    list_name varchar not null,
    version varchar not null,
    recorded_at timestamp not null
);

-- What the models may know of the run: one row. No model reads the clock or the environment.
create table if not exists raw.refresh_settings (
    refresh_id varchar not null,
    as_of_date date not null
);

alter table raw.refresh_settings add column if not exists is_as_of_today boolean;
-- a number of the sequence of loads, taken by the refresh: all loads before it are its business
alter table raw.refresh_settings add column if not exists last_load_id bigint;

create table if not exists raw.site_domains (
    site_domain varchar not null
);

-- What a CRM says of people: every distinct row ever loaded. The current one of an address is that
-- with the latest updated_at (nulls last), ties by the smallest content_md5.
create table if not exists raw.leads (
    email varchar not null, -- trimmed, lower case, valid
    full_name varchar,
    company_name varchar,
    job_title varchar,
    phone varchar,
    owner varchar,
    stage varchar,
    is_customer boolean, -- null where the file does not say
    updated_at timestamp,
    properties json, -- columns unknown to us, sorted keys; null where there are none
    content_md5 varchar not null, -- of the columns above
    load_id bigint not null,
    line_number bigint not null
);

-- What was spent on ads: every distinct row ever loaded. Which of the rows of a day and campaign
-- holds is for the models to say.
create table if not exists raw.ad_spend (
    spend_date date not null,
    source varchar, -- trimmed; null where the file does not say, as the next two
    medium varchar,
    campaign varchar,
    currency varchar not null, -- three letters, upper case
    cost decimal(18, 6) not null, -- not negative
    updated_at timestamp,
    properties json, -- columns unknown to us, sorted keys; null where there are none
    content_md5 varchar not null, -- of the columns above
    load_id bigint not null,
    line_number bigint not null
);
