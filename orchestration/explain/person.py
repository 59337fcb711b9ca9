"""One person: identity, sessions, score and the reasons that sum to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orchestration.explain.identity import (
    Identifier,
    RefusedLink,
    identifiers,
    refused_links,
)
from orchestration.explain.requests import Request, Step, requests, steps
from orchestration.rows import records

_PROFILE = """
select
    person_id, is_identified, full_name, job_title, company_name, primary_email,
    first_seen_at, last_seen_at, event_count, session_count, first_channel, latest_channel,
    as_of_date, intent_score, intent_band, points, score_change_7d, exclusion_reason,
    flag_reasons
from dim_people
where person_id = ?
"""
_ACCOUNT = """
select accounts.domain, accounts.company_name, accounts.account_score, accounts.account_band
from dim_people as people
inner join dim_accounts as accounts on people.account_id = accounts.account_id
where people.person_id = ?
"""
_REASONS = """
select rule_id, event_date, event_count, counted, score_share, reason, event_ids
from fct_person_score_reasons
where person_id = ?
-- a raised hand, which has no share, behind those that make the score, and what it was raised by
-- where its own share puts it
order by score_share desc, reason_rank
"""
_UNCOUNTED = """
select
    count(*) filter (where is_bot) as of_bots,
    count(*) filter (where not is_bot and traffic_flag is not null) as flagged,
    count(*) filter (where not is_bot and traffic_flag is null and rule_id is null)
        as without_rule,
    count(*) filter (where not is_bot and traffic_flag is null and rule_id is not null)
        as too_old_or_later
from fct_events
where person_id = ?
"""
_SESSIONS = """
select
    session_id, started_at, duration_seconds, event_count, page_view_count,
    channel, entry_page_url, utm_campaign, anonymous_id
from fct_sessions
where person_id = ?
order by started_at desc, session_id
limit ?
"""

SESSIONS_SHOWN = 10


@dataclass(frozen=True)
class Reason:
    """One bucket of events of a rule on a UTC day, and its share of the score."""

    rule_id: str
    event_date: date
    event_count: int
    counted: int
    score_share: float
    reason: str
    event_ids: list[str]

    @property
    def is_hand_raise(self) -> bool:
        """Whether it makes the band, whatever the score, and has no share of that."""
        return self.rule_id.endswith("_hand_raise")


@dataclass(frozen=True)
class Uncounted:
    """Events of a person without a score, by why they count for nothing."""

    of_bots: int
    flagged: int
    without_rule: int
    too_old_or_later: int
    """So long ago that nothing is left of them, or after the as-of date."""


@dataclass(frozen=True)
class Session:
    """One session of the person; times are UTC."""

    session_id: str
    started_at: datetime
    duration_seconds: float
    event_count: int
    page_view_count: int
    channel: str
    entry_page_url: str | None
    utm_campaign: str | None
    anonymous_id: str | None


@dataclass(frozen=True)
class Account:
    """The account that the person belongs to."""

    domain: str
    company_name: str | None
    account_score: float
    account_band: str


@dataclass(frozen=True)
class Profile:
    """The person's row of dim_people; times are UTC."""

    person_id: str
    is_identified: bool
    full_name: str | None
    job_title: str | None
    company_name: str | None
    primary_email: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    event_count: int
    session_count: int
    first_channel: str | None
    latest_channel: str | None
    as_of_date: date
    intent_score: float
    intent_band: str
    points: float
    score_change_7d: float
    exclusion_reason: str | None
    flag_reasons: str | None


@dataclass(frozen=True)
class PersonExplained:
    """All that is told of a person."""

    profile: Profile | None
    """None for a name that owns no event (a role address, say)."""
    identifiers: list[Identifier]
    refused_links: list[RefusedLink]
    sessions: list[Session]
    """The latest ones, newest first."""
    reasons: list[Reason]
    reasons_sum: float
    uncounted: Uncounted | None
    """None where there are reasons, or the person is excluded."""
    account: Account | None
    requests: list[Request]
    """For reports of the lead magnet, newest first."""
    steps: list[Step]


def explain_person(connection: duckdb.DuckDBPyConnection, person_id: str) -> PersonExplained:
    """The person as the published tables have it."""
    profiles = records(Profile, connection, _PROFILE, [person_id])
    accounts = records(Account, connection, _ACCOUNT, [person_id])
    reasons = records(Reason, connection, _REASONS, [person_id])
    is_unexplained = bool(profiles) and not reasons and not profiles[0].exclusion_reason
    return PersonExplained(
        profile=profiles[0] if profiles else None,
        identifiers=identifiers(connection, person_id),
        refused_links=refused_links(connection, person_id),
        sessions=records(Session, connection, _SESSIONS, [person_id, SESSIONS_SHOWN]),
        reasons=reasons,
        reasons_sum=math.fsum(reason.score_share for reason in reasons),
        uncounted=(
            records(Uncounted, connection, _UNCOUNTED, [person_id])[0] if is_unexplained else None
        ),
        account=accounts[0] if accounts else None,
        requests=requests(connection, person_id),
        steps=steps(connection, person_id),
    )
