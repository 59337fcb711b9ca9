"""A person's score on a day, from counts of events and the rules alone, by the formulas of
docs/rules.md.

Counts are the events of a person by rule and UTC day, before the daily cap. All functions are pure.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

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


class RuleSum(NamedTuple):
    """The points of a rule on a day with an event of it, and how many events they are of."""

    rule: Rule
    event_count: int
    last_date: date
    points: float


@dataclass(frozen=True)
class Timeline:
    """The days of a rule, in order, each with the sums up to it: any later day is arithmetic."""

    rule: Rule
    days: tuple[date, ...]
    event_counts: tuple[int, ...]
    points: tuple[float, ...]
    """Of this day and all before, decayed to it."""

    def sum_on(self, on: date) -> RuleSum | None:
        """The sums of the last day up to `on`; None before the first."""
        place = bisect_right(self.days, on) - 1
        if place < 0:
            return None
        return RuleSum(self.rule, self.event_counts[place], self.days[place], self.points[place])


@dataclass(frozen=True)
class Course:
    """A person's events, ready to be asked for the score of many days."""

    timelines: Mapping[str, Timeline]
    """By rule; none of a rule without an event."""
    ruleset: Ruleset

    def standing_on(self, on: date) -> Standing:
        """The score at the end of a day, from all events up to it."""
        return standing_of(self._sums(on), self.raised_until(on), on, self.ruleset)

    def points_on(self, on: date) -> float:
        """X at the end of a day, and no more than that."""
        *_, added = _parts(self._sums(on), on, self.ruleset)
        return math.fsum(added)

    def raised_until(self, on: date) -> date | None:
        """The last day on which a hand raised up to `on` holds, be that past or not."""
        raised = [each.last_date for each in self._sums(on) if each.rule.is_hand_raise]
        if not raised:
            return None
        return max(raised) + timedelta(days=self.ruleset.numbers.hand_raise_days - 1)

    def is_active_on(self, on: date) -> bool:
        """Whether there is a scored event in the days that end with `on`."""
        place = bisect_right(self._scored_days, on)
        days = timedelta(days=self.ruleset.numbers.active_people_days)
        return place > 0 and self._scored_days[place - 1] > on - days

    @cached_property
    def _scored_days(self) -> list[date]:
        return sorted({day for each in self.timelines.values() for day in each.days})

    def with_more(self, rule_id: str, day: date) -> Course:
        """The same, and one event more of a rule on a day."""
        rule = self.ruleset.by_id[rule_id]
        before = self.timelines.get(rule_id, Timeline(rule, (), (), ()))
        counts = {
            own: count - earlier
            for own, count, earlier in zip(
                before.days, before.event_counts, (0, *before.event_counts), strict=False
            )
        }
        more = _timeline(rule, {**counts, day: counts.get(day, 0) + 1})
        return replace(self, timelines={**self.timelines, rule_id: more})

    def _sums(self, on: date) -> list[RuleSum]:
        sums = (timeline.sum_on(on) for timeline in self.timelines.values())
        return [each for each in sums if each is not None]


def course_of(counts: Counts, ruleset: Ruleset) -> Course:
    """The course of a person's events; those of a rule that is no more are left out."""
    timelines = {}
    for rule in ruleset.rules:
        days = {day: count for day, count in counts.get(rule.rule_id, {}).items() if count}
        if days:
            timelines[rule.rule_id] = _timeline(rule, days)
    return Course(timelines, ruleset)


def standing_on(counts: Counts, on: date, ruleset: Ruleset) -> Standing:
    """The score at the end of `on`, from all events up to it."""
    return course_of(counts, ruleset).standing_on(on)


def _timeline(rule: Rule, days: Mapping[date, int]) -> Timeline:
    ordered = tuple(sorted(days))
    points: list[float] = []
    for place, day in enumerate(ordered):
        left = 0.0
        if place:
            age = (day - ordered[place - 1]).days
            left = points[-1] * half_life_decay(age, rule.half_life_days)
        points.append(left + rule.weight * min(days[day], rule.daily_cap))
    event_counts = accumulate(days[day] for day in ordered)
    return Timeline(rule, ordered, tuple(event_counts), tuple(points))


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


def standing_of(
    sums: list[RuleSum], raised_until: date | None, on: date, ruleset: Ruleset
) -> Standing:
    """The score at the end of `on`, which is no earlier than the last event of `sums`."""
    living, decayed, saturated, added = _parts(sums, on, ruleset)
    points = math.fsum(added)
    score = score_of_points(points, ruleset.numbers.person_score_scale)
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


def _parts(
    sums: list[RuleSum], on: date, ruleset: Ruleset
) -> tuple[list[RuleSum], list[float], list[float], list[float]]:
    """The rules that are not forgotten; of each R, Y, and its part of X."""
    half_lives = ruleset.numbers.forget_after_half_lives
    living = [
        each for each in sums if (on - each.last_date).days <= half_lives * each.rule.half_life_days
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
    return living, decayed, saturated, added


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
