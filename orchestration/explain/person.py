"""One person: identity, sessions, score and the reasons that sum to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from orchestration.explain.identity import (
    Identifier,
    Link,
    RefusedLink,
    identifiers,
    links,
    refused_links,
)
from orchestration.explain.outlook import Outlook, outlook
from orchestration.explain.requests import Request, Step, requests, steps
from orchestration.explain.ruleset import Ruleset, read_ruleset
from orchestration.explain.standing import RuleStanding, half_life_decay
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
# what int_buckets_counted holds of a person: all days, also those that are forgotten by now
_COUNTS = """
select rule_id, cast(event_at as date) as event_date, count(*) as event_count
from fct_events
where person_id = ? and rule_id is not null and not is_bot and traffic_flag is null
group by all
"""
_UNCOUNTED = """
select
    count(*) filter (where is_bot) as of_bots,
    count(*) filter (where not is_bot and traffic_flag = 'internal') as of_own_networks,
    count(*) filter (where not is_bot and traffic_flag != 'internal') as flagged,
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


HAND_RAISE = "_hand_raise"
"""How the reason of a raised hand ends that has no share, behind the name of its rule."""


@dataclass(frozen=True)
class _Told:
    """A row of fct_person_score_reasons."""

    rule_id: str
    event_date: date
    event_count: int
    counted: int
    score_share: float
    reason: str
    event_ids: list[str]


@dataclass(frozen=True)
class Reason:
    """One bucket of events of a rule on a UTC day, its points and its share of the score."""

    rule_id: str
    event_date: date
    event_count: int
    counted: int
    worth_points: float
    """b: the weight of each event that counts, before decay."""
    decayed_points: float
    """What is left of it on the as-of day."""
    saturated_points: float
    """Its part of Y, what its rule adds; before the cap of a group, where the rule is in one."""
    score_share: float
    reason: str
    event_ids: list[str]

    @property
    def is_hand_raise(self) -> bool:
        """Whether it makes the band, whatever the score, and has no share of that."""
        return self.rule_id.endswith(HAND_RAISE)


@dataclass(frozen=True)
class Uncounted:
    """Events of a person without a score, by why they count for nothing."""

    of_bots: int
    of_own_networks: int
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
    links: list[Link]
    refused_links: list[RefusedLink]
    sessions: list[Session]
    """The latest ones, newest first."""
    reasons: list[Reason]
    reasons_sum: float
    uncounted: Uncounted | None
    """None where there are reasons, or the person is excluded."""
    outlook: Outlook | None
    """None where there is no person, or one who is excluded: nothing lifts their score."""
    ruleset: Ruleset
    """What the scores were made by."""
    account: Account | None
    requests: list[Request]
    """For reports of the lead magnet, newest first."""
    steps: list[Step]


def explain_person(connection: duckdb.DuckDBPyConnection, person_id: str) -> PersonExplained:
    """The person as the published tables have it."""
    profiles = records(Profile, connection, _PROFILE, [person_id])
    accounts = records(Account, connection, _ACCOUNT, [person_id])
    told = records(_Told, connection, _REASONS, [person_id])
    ruleset = read_ruleset(connection)
    profile = profiles[0] if profiles else None
    is_scored = profile is not None and not profile.exclusion_reason
    foreseen = (
        outlook(counts_of(connection, person_id), profile.as_of_date, ruleset)
        if profile and is_scored
        else None
    )
    return PersonExplained(
        profile=profile,
        identifiers=identifiers(connection, person_id),
        links=links(connection, person_id),
        refused_links=refused_links(connection, person_id),
        sessions=records(Session, connection, _SESSIONS, [person_id, SESSIONS_SHOWN]),
        reasons=reasons_of(told, foreseen, ruleset),
        reasons_sum=math.fsum(each.score_share for each in told),
        uncounted=(
            records(Uncounted, connection, _UNCOUNTED, [person_id])[0]
            if is_scored and not told
            else None
        ),
        outlook=foreseen,
        ruleset=ruleset,
        account=accounts[0] if accounts else None,
        requests=requests(connection, person_id),
        steps=steps(connection, person_id),
    )


def counts_of(connection: duckdb.DuckDBPyConnection, person_id: str) -> dict[str, dict[date, int]]:
    """The person's events by rule and UTC day, those that score nothing by their maker left out."""
    counts: dict[str, dict[date, int]] = {}
    for rule_id, day, count in connection.execute(_COUNTS, [person_id]).fetchall():
        counts.setdefault(rule_id, {})[day] = count
    return counts


def reasons_of(told: Sequence[_Told], foreseen: Outlook | None, ruleset: Ruleset) -> list[Reason]:
    """The published reasons with their points: those of a rule sum to its R and Y."""
    if foreseen is None:
        return []
    on = foreseen.standing.on
    standings = {each.rule_id: each for each in foreseen.standing.rules}
    return [
        Reason(
            rule_id=each.rule_id,
            event_date=each.event_date,
            event_count=each.event_count,
            counted=each.counted,
            worth_points=worth,
            decayed_points=decayed,
            saturated_points=_part(each.rule_id, decayed, standings),
            score_share=each.score_share,
            reason=each.reason,
            event_ids=each.event_ids,
        )
        for each in told
        for worth, decayed in [_points(each, on, ruleset)]
    ]


def _points(told: _Told, on: date, ruleset: Ruleset) -> tuple[float, float]:
    """What a day was worth, and what is left of it; nothing for a raised hand's own reason."""
    rule = ruleset.by_id.get(told.rule_id)
    if rule is None:
        return 0.0, 0.0
    worth = rule.weight * told.counted
    return worth, worth * half_life_decay((on - told.event_date).days, rule.half_life_days)


def _part(rule_id: str, decayed: float, standings: Mapping[str, RuleStanding]) -> float:
    standing = standings.get(rule_id)
    if standing is None or standing.decayed_points <= 0:
        return 0.0
    return standing.saturated_points * decayed / standing.decayed_points
