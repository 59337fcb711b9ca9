create table marts.dim_report_periods as
select
    *,
    date '2026-06-23' as earlier_bands_date,
    date '2026-06-30' as as_of_date
from (
    values
        ('recent', date '2026-06-03', date '2026-06-30'),
        ('before', date '2026-05-06', date '2026-06-02')
) as periods (period, first_date, last_date);

create table marts.fct_traffic_days as
select *
from (
    values
        ('before', 'Direct', 3, 1, 2, date '2026-06-02'),
        ('recent', 'Direct', 1, 1, 1, date '2026-06-28'),
        ('recent', 'Paid Search', 1234, 1, 1, date '2026-06-29')
) as days (
    period, channel, session_count, engaged_session_count, people_count, visit_date
);

create table marts.rpt_overview_figures as
select
    figure,
    subject,
    current_value::decimal(38, 2) as current_value,
    earlier_value::decimal(38, 2) as earlier_value,
    date '2026-06-30' as as_of_date
from (
    values
        ('sessions', 'all', 1235, 3),
        ('engaged_sessions', 'all', 2, 1),
        ('people', 'all', 2, 2),
        ('engaged_people', 'all', 2, 1),
        ('identified_people', 'all', 1, 1),
        ('ready_people', 'all', 1, 0),
        ('converted_people', 'all', 1, 0),
        ('channel_sessions', 'Paid Search', 1234, 0),
        ('channel_sessions', 'Direct', 1, 3),
        ('channel_people', 'Direct', 1, 2),
        ('channel_people', 'Paid Search', 1, 0),
        ('conversions', 'all', 1, 0),
        ('value', 'all', 300, 0),
        ('cost', 'all', 99.5, 200),
        ('account_band', 'warm', 1, 0),
        ('person_band', 'warm', 1, 2),
        ('ready_accounts', 'all', 1, 0),
        ('ready_identified_people', 'all', 1, 2),
        ('events', 'all', 1243, 4),
        ('late_events', 'all', 1, 0),
        ('excluded_events', 'bot', 1200, 0),
        ('excluded_events', 'consent_denied', 5, 0),
        ('days_behind', 'all', 1, 0)
) as figures (figure, subject, current_value, earlier_value);

create table marts.rpt_overview_headlines as
select *
from (
    values
        ('sessions', 'good', 'Visits rose a lot.', 1),
        ('channel_fall', 'bad', 'Direct fell most: 1 session, after 3.', 2),
        ('conversions', 'even', 'Conversions are about as many as before.', 3)
) as headlines (headline_id, tone, sentence, headline_rank);

create table marts.rpt_overview_moves as
select
    *,
    null::varchar as owner,
    date '2026-06-30' as as_of_date
from (
    values
        ('account', 'a-acme', 'acme.com', 'cool', 'warm', 'Viewed pricing', 20, 58, true, 1),
        ('person', 'p-bob', 'bob@acme.com', 'warm', 'cold', null, 41, 10, false, 1)
) as moves (
    entity_type, entity_id, entity_name, band_before, band, first_reason, shown_score_before,
    shown_score, is_rise, move_rank
);

create table marts.rpt_overview_campaigns as
select
    *,
    true as is_whole,
    true as has_rate,
    date '2026-06-03' as period_start
from (
    values
        ('Paid Search', 'google', 'cpc', 'brand', 'EUR', 1234, 1, 0.5::decimal(38, 12),
            300::decimal(38, 12), 99.5::decimal(38, 12), 99.5e0, 199e0, 3.015e0, 1)
) as campaigns (
    channel, source, medium, campaign, currency, session_count, identified_people_count,
    conversion_count, value, cost, cost_per_identified_person, cost_per_conversion,
    return_on_spend, campaign_rank
);

create table marts.rpt_lead_magnet_funnel as
select
    'readiness' as offer_id,
    'How ready is your site?' as offer,
    channel,
    campaign,
    step,
    step_number,
    meaning,
    ga4_event_name,
    'visitor' as done_by,
    people_count::bigint as people_count,
    share_of_previous::double as share_of_previous,
    share_of_first::double as share_of_first,
    median_seconds::double as median_seconds_since_previous,
    channel = '(all)' as is_total
from (
    values
        ('(all)', '(all)', 'cta_view', 1, 'Saw the call to action', 'view_promotion', 40, null, 1, null),
        ('(all)', '(all)', 'booked', 2, 'Booked a call', null, 3, 0.075, 0.075, 90061),
        ('Direct', '=1+1', 'cta_view', 1, 'Saw the call to action', 'view_promotion', 40, null, 1, null),
        ('Direct', '=1+1', 'booked', 2, 'Booked a call', null, 3, 0.075, 0.075, 90061)
) as steps (
    channel, campaign, step, step_number, meaning, ga4_event_name, people_count,
    share_of_previous, share_of_first, median_seconds
);

create table marts.rpt_lead_magnet_responses as
select
    'readiness' as offer_id,
    'How ready is your site?' as offer,
    5::bigint as request_count,
    4::bigint as delivered_count,
    3::bigint as within_level_count,
    0.6::double as share_within_level,
    42.0::double as median_seconds_to_first_response;

create table marts.fct_lead_magnet_requests as
select
    'r-1' as request_id,
    'readiness' as offer_id,
    'p-anna' as person_id,
    'anna@acme.com' as email,
    'Direct' as channel,
    '(not set)' as campaign,
    63 as score,
    8::bigint as answered_count,
    false as marketing_consent,
    false as is_qualified,
    'Not warm or hot yet' as disqualified_by,
    42::bigint as seconds_to_first_response,
    timestamp '2026-06-29 10:00:00' as requested_at,
    timestamp '2026-06-29 10:00:42' as delivered_at;

create table marts.fct_lead_magnet_funnel as
select
    'readiness' as offer_id,
    'p-anna' as person_id,
    step,
    step_number,
    case step when 'cta_view' then 'Saw the call to action' else 'Asked for the report' end
        as meaning,
    request_id,
    'Direct' as channel,
    '(not set)' as campaign,
    seconds::bigint as seconds_since_previous,
    reached_at
from (
    values
        ('cta_view', 1, null, null, timestamp '2026-06-29 09:58:00'),
        ('report_form_submit', 4, 'r-1', 120, timestamp '2026-06-29 10:00:00')
) as steps (step, step_number, request_id, seconds, reached_at);
