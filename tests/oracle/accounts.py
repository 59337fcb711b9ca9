"""Accounts: the people of one registrable domain, rolled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum, log2

from tests.oracle.rules import Rules
from tests.oracle.scoring import Buckets, band_of, score_of_points

ACTIVE_DAYS = 14
POINTS_TO_HALVE = 50
NEXT_PERSON = 0.5
DIVERSITY = 0.15
MOST_DIVERSE = 8
SURGE_DAYS = 7
BASE_DAYS = 84


@dataclass(frozen=True)
class Member:
    """A person who counts in an account: points X and all buckets."""

    person: str
    points: float
    buckets: Buckets


@dataclass(frozen=True)
class Account:
    """An account at the as-of day. The shares of people and of the bonus sum to the score."""

    domain: str
    people: tuple[str, ...]
    active_people_14d: int
    points: float
    account_score: float
    account_band: str
    surge: float | None
    person_shares: Mapping[str, float]
    diversity_share: float


def roll_up(domain: str, members: Sequence[Member], as_of: date, rules: Rules) -> Account:
    """Each next person's points count half of the one before's; a bonus for several active ones."""
    ranked = sorted(members, key=lambda member: (-member.points, member.person))
    weighted = {
        member.person: NEXT_PERSON**place * member.points for place, member in enumerate(ranked)
    }
    active = sum(is_active(member.buckets, as_of) for member in members)
    base = fsum(weighted.values())
    bonus = DIVERSITY * log2(min(max(active, 1), MOST_DIVERSE))
    points = base * (1 + bonus)
    account_score = score_of_points(points, POINTS_TO_HALVE)
    per_point = account_score / points if points > 0 else 0.0
    return Account(
        domain=domain,
        people=tuple(sorted(weighted)),
        active_people_14d=active,
        points=points,
        account_score=account_score,
        account_band=band_of(account_score, rules),
        surge=surge([member.buckets for member in members], as_of, rules),
        person_shares={person: value * per_point for person, value in weighted.items()},
        diversity_share=base * bonus * per_point,
    )


def is_active(buckets: Buckets, as_of: date) -> bool:
    """Whether there is a scored event in the 14 days that end with the as-of day."""
    return any(0 <= (as_of - day).days < ACTIVE_DAYS for _, day in buckets)


def surge(people: Sequence[Buckets], as_of: date, rules: Rules) -> float | None:
    """Σb of the last 7 days over a twelfth of Σb of the 84 before; None without a base."""
    weights = {rule.rule_id: (rule.weight, rule.daily_cap) for rule in rules.scoring}
    recent: list[float] = []
    base: list[float] = []
    for buckets in people:
        for (rule_id, day), count in buckets.items():
            weight, cap = weights[rule_id]
            age = (as_of - day).days
            if 0 <= age < SURGE_DAYS:
                recent.append(weight * min(count, cap))
            elif SURGE_DAYS <= age < SURGE_DAYS + BASE_DAYS:
                base.append(weight * min(count, cap))
    week = fsum(base) * SURGE_DAYS / BASE_DAYS
    return fsum(recent) / week if week > 0 else None
