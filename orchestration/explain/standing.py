"""A person's score on a day, from counts of events and the rules alone, by the formulas of
docs/rules.md.

Counts are the events of a person by rule and UTC day, before the daily cap. All functions are pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.explain.ruleset import HOTTEST, Rule, Ruleset

Counts = Mapping[str, Mapping[date, int]]
"""Events by rule and UTC day."""


@dataclass(frozen=True)
class RuleStanding:
    """What a rule adds on a day."""

    rule_id: str
    reason: str
    event_count: int
    """Up to the day, those beyond the cap of their day too."""
    last_date: date
    decayed_points: float
    """R: what is left of all its days, by half-life."""
    saturated_points: float
    """Y: R, flattened towards the ceiling of the rule."""
    points: float
    """Its part of X: Y, less what the cap of its group takes."""
    score_share: float
    """Its part of the score."""


@dataclass(frozen=True)
class Standing:
    """A person's score at the end of a UTC day."""

    on: date
    points: float
    """X."""
    score: float
    """S, 0 to 100."""
    band: str
    score_band: str
    """The band by the score alone, without a raised hand."""
    raised_until: date | None
    """The last day that a raised hand keeps them hot; None without one."""
    rules: tuple[RuleStanding, ...]
    """Those that are not forgotten, the largest share first."""


@dataclass(frozen=True)
class RuleSum:
    """The points of a rule on its last day, and how many events they are of."""

    rule: Rule
    event_count: int
    last_date: date
    points: float


def standing_on(counts: Counts, on: date, ruleset: Ruleset) -> Standing:
    """The score at the end of `on`, from all events up to it."""
    return standing_of(
        sums_on(counts, on, ruleset), last_raised_day(counts, on, ruleset), on, ruleset
    )


def with_more(counts: Counts, rule_id: str, day: date) -> Counts:
    """The same, and one event more of a rule on a day."""
    of_rule = counts.get(rule_id, {})
    return {**counts, rule_id: {**of_rule, day: of_rule.get(day, 0) + 1}}


def up_to(counts: Counts, on: date) -> Counts:
    """What had happened by the end of a day."""
    return {
        rule_id: {day: count for day, count in days.items() if day <= on}
        for rule_id, days in counts.items()
    }


def half_life_decay(days: int, half_life_days: float) -> float:
    """What is left after so many whole days: 1 on the day itself, a half after one half-life."""
    return 1.0 if days == 0 else math.pow(2.0, -days / half_life_days)


def saturate(amount: float, ceiling: float) -> float:
    """C·(1 − e^(−R/C)): close to R while it is small, never above C."""
    return ceiling * (1 - math.exp(-amount / ceiling)) if ceiling > 0 else 0.0


def score_of_points(points: float, scale: float) -> float:
    """100·(1 − 2^(−X/scale)): `scale` points make 50, twice as many 75."""
    return 100 * (1 - math.pow(2.0, -points / scale))


def sums_on(counts: Counts, on: date, ruleset: Ruleset) -> list[RuleSum]:
    """By rule the points of all days up to `on`, decayed to the last of them."""
    sums = []
    for rule in ruleset.rules:
        days = {
            day: count for day, count in counts.get(rule.rule_id, {}).items() if day <= on and count
        }
        if days:
            last = max(days)
            points = math.fsum(
                rule.weight
                * min(count, rule.daily_cap)
                * half_life_decay((last - day).days, rule.half_life_days)
                for day, count in days.items()
            )
            sums.append(RuleSum(rule, sum(days.values()), last, points))
    return sums


def last_raised_day(counts: Counts, on: date, ruleset: Ruleset) -> date | None:
    """The last day on which a hand raised up to `on` holds, be that past or not."""
    raised = [
        day
        for rule in ruleset.rules
        if rule.is_hand_raise
        for day, count in counts.get(rule.rule_id, {}).items()
        if day <= on and count
    ]
    if not raised:
        return None
    return max(raised) + timedelta(days=ruleset.numbers.hand_raise_days - 1)


def standing_of(
    sums: list[RuleSum], raised_until: date | None, on: date, ruleset: Ruleset
) -> Standing:
    """The score at the end of `on`, which is no earlier than the last event of `sums`."""
    numbers = ruleset.numbers
    living = [
        each
        for each in sums
        if (on - each.last_date).days <= numbers.forget_after_half_lives * each.rule.half_life_days
    ]
    decayed = [
        each.points * half_life_decay((on - each.last_date).days, each.rule.half_life_days)
        for each in living
    ]
    saturated = [
        saturate(amount, each.rule.saturation) for each, amount in zip(living, decayed, strict=True)
    ]
    factors = _group_factors(living, saturated)
    added = [
        amount * factors.get(each.rule.score_group, 1.0)
        for each, amount in zip(living, saturated, strict=True)
    ]
    points = math.fsum(added)
    score = score_of_points(points, numbers.person_score_scale)
    by_score = ruleset.band_of(score)
    is_raised = raised_until is not None and on <= raised_until
    rules = [
        RuleStanding(
            rule_id=each.rule.rule_id,
            reason=each.rule.reason,
            event_count=each.event_count,
            last_date=each.last_date,
            decayed_points=amount,
            saturated_points=flattened,
            points=part,
            score_share=score * part / points if points > 0 else 0.0,
        )
        for each, amount, flattened, part in zip(living, decayed, saturated, added, strict=True)
    ]
    return Standing(
        on=on,
        points=points,
        score=score,
        band=HOTTEST if is_raised else by_score,
        score_band=by_score,
        raised_until=raised_until if is_raised else None,
        rules=tuple(sorted(rules, key=lambda each: (-each.points, each.rule_id))),
    )


def _group_factors(living: list[RuleSum], saturated: list[float]) -> dict[str | None, float]:
    """By how much a group with a cap scales the points of its rules."""
    together: dict[str, tuple[float, float]] = {}
    for each, amount in zip(living, saturated, strict=True):
        rule = each.rule
        if rule.score_group is not None and rule.group_cap is not None:
            so_far, cap = together.get(rule.score_group, (0.0, rule.group_cap))
            together[rule.score_group] = (so_far + amount, cap)
    return {
        group: saturate(amount, cap) / amount
        for group, (amount, cap) in together.items()
        if amount > 0
    }
