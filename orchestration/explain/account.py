"""One account: its score, and the arithmetic by people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.explain.account_outlook import (
    Arithmetic,
    account_falls,
    account_forecast,
    account_history,
    arithmetic,
    courses_of,
)
from orchestration.explain.outlook import DayScore, Fall
from orchestration.explain.ruleset import Ruleset, read_ruleset
from orchestration.rows import records

_ACCOUNT = """
select
    account_id, domain, company_name, as_of_date, account_score, account_band, points,
    people_count, active_people_14d, surge
from dim_accounts
where account_id = ?
"""
_REASONS = """
select
    reasons.reason_type, people.full_name, people.primary_email, people.intent_score,
    people.points, reasons.score_share, reasons.reason,
    -- by proportion: the shares are the account's points, scaled to its score
    case
        when accounts.account_score > 0
            then accounts.points * reasons.score_share / accounts.account_score
        else 0
    end as added_points
from fct_account_score_reasons as reasons
inner join dim_accounts as accounts on reasons.account_id = accounts.account_id
left join dim_people as people on reasons.person_id = people.person_id
where reasons.account_id = ?
order by reasons.reason_type = 'diversity', reasons.score_share desc, reasons.person_id
"""
# those without points are not told by name, but may be active all the same
_MEMBERS = """
select person_id, coalesce(full_name, primary_email, cast(person_id as varchar)) as name, points
from dim_people
where account_id = ? and points > 0
order by points desc, person_id
"""
_COUNTS = """
select
    cast(people.person_id as varchar) as person_id, events.rule_id,
    cast(events.event_at as date) as event_date, count(*) as event_count
from fct_events as events
inner join dim_people as people on events.person_id = people.person_id
where people.account_id = ? and events.rule_id is not null
    and not events.is_bot and events.traffic_flag is null
group by all
order by all
"""


@dataclass(frozen=True)
class AccountReason:
    """What one person, or the bonus for several, adds to the account's score."""

    reason_type: str
    """person or diversity."""
    full_name: str | None
    primary_email: str | None
    intent_score: float | None
    points: float | None
    """The person's own points."""
    score_share: float
    reason: str
    added_points: float
    """Points that it adds to the account: the second person's count half, and so on."""


@dataclass(frozen=True)
class Member:
    """A person with points, and what they add by their rank."""

    person_id: str
    name: str
    points: float
    weight: float
    """1 for the first, a half for the second, a quarter for the third, …"""
    added_points: float
    is_active: bool
    """Whether they have a scored event in the 14 days up to the as-of day."""


@dataclass(frozen=True)
class _Member:
    person_id: str
    name: str
    points: float


@dataclass(frozen=True)
class AccountProfile:
    """The account's row of dim_accounts."""

    account_id: str
    domain: str
    company_name: str | None
    as_of_date: date
    account_score: float
    account_band: str
    points: float
    people_count: int
    active_people_14d: int
    surge: float | None


@dataclass(frozen=True)
class AccountExplained:
    """All that is told of an account."""

    profile: AccountProfile
    reasons: list[AccountReason]
    reasons_sum: float
    members: list[Member]
    """Those with points, the keenest first."""
    arithmetic: Arithmetic
    """How their points become the score."""
    falls: tuple[Fall, ...]
    """When the band falls if none of them does anything more."""
    history: tuple[DayScore, ...]
    """By today's rules and people."""
    ahead: tuple[DayScore, ...]
    """The days to come, without news."""
    ruleset: Ruleset


def explain_account(connection: duckdb.DuckDBPyConnection, account_id: str) -> AccountExplained:
    """The account as the published tables have it."""
    [profile] = records(AccountProfile, connection, _ACCOUNT, [account_id])
    reasons = records(AccountReason, connection, _REASONS, [account_id])
    members = records(_Member, connection, _MEMBERS, [account_id])
    ruleset = read_ruleset(connection)
    people = counts_of_people(connection, account_id)
    courses = courses_of(people, ruleset)
    steps = arithmetic(
        [each.points for each in members], profile.active_people_14d, ruleset.numbers
    )
    return AccountExplained(
        profile=profile,
        reasons=reasons,
        reasons_sum=math.fsum(reason.score_share for reason in reasons),
        members=[
            Member(
                person_id=each.person_id,
                name=each.name,
                points=each.points,
                weight=weight,
                added_points=added,
                is_active=(
                    each.person_id in courses
                    and courses[each.person_id].is_active_on(profile.as_of_date)
                ),
            )
            for each, weight, added in zip(members, steps.weights, steps.added_points, strict=True)
        ],
        arithmetic=steps,
        falls=account_falls(people, profile.as_of_date, ruleset),
        history=account_history(people, profile.as_of_date, ruleset),
        ahead=account_forecast(people, profile.as_of_date, ruleset),
        ruleset=ruleset,
    )


def counts_of_people(
    connection: duckdb.DuckDBPyConnection, account_id: str
) -> dict[str, dict[str, dict[date, int]]]:
    """By person of the account: events by rule and UTC day."""
    people: dict[str, dict[str, dict[date, int]]] = {}
    for person_id, rule_id, day, count in connection.execute(_COUNTS, [account_id]).fetchall():
        people.setdefault(person_id, {}).setdefault(rule_id, {})[day] = count
    return people
