"""Bots, colleagues and people without consent, as statements on the published tables."""

from __future__ import annotations

_OTHER = "md5('{0}' || {1})::uuid as {1}"
SHADOWS = (
    # everybody once more as a colleague, who does the same on devices of their own
    f"insert into marts.dim_people select * replace ({_OTHER.format('!', 'person_id')},"
    " 'internal' as exclusion_reason, null as account_id) from marts.dim_people",
    "insert into marts.fct_events select * replace ('!' || event_id as event_id,"
    f" {_OTHER.format('!', 'person_id')}, {_OTHER.format('!', 'session_id')},"
    " '!' || visitor_id as visitor_id, '!' || anonymous_id as anonymous_id) from marts.fct_events",
    f"insert into marts.fct_sessions select * replace ({_OTHER.format('!', 'session_id')},"
    f" {_OTHER.format('!', 'person_id')}, '!' || visitor_id as visitor_id,"
    " '!' || anonymous_id as anonymous_id) from marts.fct_sessions",
    f"insert into marts.fct_session_people select * replace ({_OTHER.format('!', 'session_id')},"
    f" {_OTHER.format('!', 'person_id')}) from marts.fct_session_people",
    # a bot in everybody's name, which was everywhere a week before
    "insert into marts.fct_events select * replace ('#' || event_id as event_id, true as is_bot,"
    f" {_OTHER.format('#', 'session_id')}, '#' || anonymous_id as anonymous_id, null as user_id,"
    " null as email, event_at - interval 7 day as event_at) from marts.fct_events",
    f"insert into marts.fct_sessions select * replace ({_OTHER.format('#', 'session_id')},"
    " '#' || visitor_id as visitor_id, true as is_bot, 'https://bot.example/' as entry_page_url,"
    " 'Affiliates' as channel, started_at - interval 7 day as started_at) from marts.fct_sessions",
    "insert into marts.fct_session_people select * replace"
    f" ({_OTHER.format('#', 'session_id')}, first_event_at - interval 7 day as first_event_at)"
    " from marts.fct_session_people",
    # and everything once more without consent
    "insert into marts.fct_events select * replace ('?' || event_id as event_id,"
    " true as is_consent_denied, null as person_id, null as session_id, null as visitor_id,"
    " null as anonymous_id, null as user_id, null as email) from marts.fct_events",
)
"""What no answer about the audience may be changed by."""
