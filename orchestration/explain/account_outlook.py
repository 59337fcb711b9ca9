"""An account's arithmetic, on any day: from its people's counts, or from their points.

With the people's points x sorted down and a people active: A = (Σ 0.5^(i−1)·x(i)) · (1 + 0.15 ·
log2(min(max(a, 1), 8))), score = 100·(1 − 2^(−A/50)); docs/rules.md. All functions are pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.explain.outlook import (
    AHEAD_DAYS,
    HISTORY_DAYS,
    LONGEST_WALK_DAYS,
    DayScore,
    Fall,
)
from orchestration.explain.ruleset import Numbers, Ruleset
from orchestration.explain.standing import Counts, Course, course_of, score_of_points, up_to

People = Mapping[str, Counts]
"""By person: events by rule and UTC day."""


@dataclass(frozen=True)
class Arithmetic:
    """How the points of people become an account's score, step by step."""

    weights: tuple[float, ...]
    """Of each person in order of points: 1, a half, a quarter, …"""
    added_points: tuple[float, ...]
    """Points by weight."""
    people_points: float
    """Their sum."""
    active_people: int
    counted_active_people: int
    """At least one, and no more than the cap."""
    diversity_factor: float
    """1 and the bonus."""
    points: float
    """A."""
    score: float


def arithmetic(points: Sequence[float], active_people: int, numbers: Numbers) -> Arithmetic:
    """The score of an account of people with these points, which are sorted down."""
    weights = tuple(math.pow(numbers.account_rank_decay, rank) for rank in range(len(points)))
    added = tuple(weight * each for weight, each in zip(weights, points, strict=True))
    counted = min(max(active_people, 1), numbers.diversity_people_cap)
    factor = 1 + numbers.diversity_bonus * math.log2(counted)
    total = math.fsum(added) * factor
    return Arithmetic(
        weights=weights,
        added_points=added,
        people_points=math.fsum(added),
        active_people=active_people,
        counted_active_people=counted,
        diversity_factor=factor,
        points=total,
        score=score_of_points(total, numbers.account_score_scale),
    )


def courses_of(people: People, ruleset: Ruleset) -> dict[str, Course]:
    """By person: what can be asked for the points of many days."""
    return {person: course_of(counts, ruleset) for person, counts in people.items()}


def account_on(courses: Mapping[str, Course], on: date, ruleset: Ruleset) -> Arithmetic:
    """The arithmetic of an account at the end of `on`, from its people's events."""
    points = sorted((course.points_on(on) for course in courses.values()), reverse=True)
    active = sum(course.is_active_on(on) for course in courses.values())
    return arithmetic(points, active, ruleset.numbers)


def account_history(
    people: People, as_of: date, ruleset: Ruleset, days: int = HISTORY_DAYS
) -> tuple[DayScore, ...]:
    """The score at the end of each of the `days` days up to the as-of day, by today's people."""
    courses = courses_of(people, ruleset)
    return _day_scores(courses, as_of - timedelta(days=days - 1), days, ruleset)


def account_forecast(
    people: People, as_of: date, ruleset: Ruleset, days: int = AHEAD_DAYS
) -> tuple[DayScore, ...]:
    """The score at the end of each of the `days` days after the as-of day, without news."""
    courses = _idle_from(people, as_of, ruleset)
    return _day_scores(courses, as_of + timedelta(days=1), days, ruleset)


def _idle_from(people: People, as_of: date, ruleset: Ruleset) -> dict[str, Course]:
    """The courses as if nothing happened after `as_of`."""
    known = {person: up_to(counts, as_of) for person, counts in people.items()}
    return courses_of(known, ruleset)


def _day_scores(
    courses: Mapping[str, Course], first: date, days: int, ruleset: Ruleset
) -> tuple[DayScore, ...]:
    found = []
    for place in range(days):
        on = first + timedelta(days=place)
        score = account_on(courses, on, ruleset).score
        found.append(DayScore(on, score, ruleset.band_of(score)))
    return tuple(found)


def account_falls(people: People, as_of: date, ruleset: Ruleset) -> tuple[Fall, ...]:
    """The days on which the account's band falls if nobody does anything more."""
    courses = _idle_from(people, as_of, ruleset)
    found: list[Fall] = []
    lowest = ruleset.bands[-1].band
    before = ruleset.band_of(account_on(courses, as_of, ruleset).score)
    for days in range(1, LONGEST_WALK_DAYS + 1):
        if before == lowest:
            break
        on = as_of + timedelta(days=days)
        score = account_on(courses, on, ruleset).score
        band = ruleset.band_of(score)
        if band != before:
            found.append(Fall(on, days, before, band, score, is_hand_lowered=False))
        before = band
    return tuple(found)
