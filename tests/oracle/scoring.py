"""Scores: the rule of an event, counts a day, decay, saturation, bands and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, exp2, fsum

from tests.oracle.lists import is_bot
from tests.oracle.log import Event
from tests.oracle.messages import DAY
from tests.oracle.pages import page_class
from tests.oracle.rules import Rules, ScoringRule

HAND_RAISE_DAYS = 13
FORGOTTEN_HALF_LIVES = 20
POINTS_TO_HALVE = 40

Buckets = Mapping[tuple[str, date], int]
"""Events of one person by (rule_id, UTC day), before the cap; bots' events are not in it."""


@dataclass(frozen=True)
class Reason:
    """The share of a score that one bucket has; a hand raise has a row of its own, share 0."""

    rule_id: str
    event_date: date
    event_count: int
    counted: float
    score_share: float


@dataclass(frozen=True)
class Score:
    """Points X, score S of 0 to 100, and the reasons, which sum to S."""

    points: float
    intent_score: float
    band: str
    reasons: tuple[Reason, ...]


def day_of(event: Event) -> date:
    """The UTC day of an event."""
    return date(1970, 1, 1) + timedelta(days=event.event_at // DAY)


def rule_of(event: Event, rules: Rules) -> ScoringRule | None:
    """The rule of lowest priority of which every filled column matches, in exact case."""
    own_class = page_class(event.page_url, rules)
    for rule in rules.scoring:
        if (
            rule.event_type in (None, event.event_type)
            and rule.event_name in (None, event.event_name)
            and rule.page_class in (None, own_class)
        ):
            return rule
    return None


def count_buckets(events: Iterable[Event], rules: Rules) -> dict[tuple[str, date], int]:
    """Events of rules by (rule_id, day), all days; a bot's events have quality 0 and count none."""
    buckets: dict[tuple[str, date], int] = {}
    for event in events:
        rule = rule_of(event, rules)
        if rule is not None and not is_bot(event.user_agent):
            key = (rule.rule_id, day_of(event))
            buckets[key] = buckets.get(key, 0) + 1
    return buckets


def score(buckets: Buckets, as_of: date, rules: Rules) -> Score:
    """The score of a person at the end of a day, from all buckets up to it."""
    counts: dict[str, dict[date, int]] = {}
    for (rule_id, day), count in buckets.items():
        if day <= as_of:
            counts.setdefault(rule_id, {})[day] = count
    used = [rule for rule in rules.scoring if rule.rule_id in counts]
    state = {rule.rule_id: decayed_sum(rule, counts[rule.rule_id], as_of) for rule in used}
    saturated = {rule.rule_id: saturate(state[rule.rule_id], rule.saturation) for rule in used}
    points, group_share = _total(saturated, used, rules)
    intent_score = score_of_points(points, POINTS_TO_HALVE)
    reasons: list[Reason] = []
    is_raised = False
    for rule in used:
        for day, count in sorted(counts[rule.rule_id].items()):
            counted = min(count, rule.daily_cap)
            share = 0.0
            if state[rule.rule_id] > 0 and points > 0:
                value = rule.weight * counted * half_life_decay((as_of - day).days, rule)
                of_rule = saturated[rule.rule_id] * group_share[rule.rule_id] / points
                share = value / state[rule.rule_id] * of_rule * intent_score
            reasons.append(Reason(rule.rule_id, day, count, counted, share))
            if rule.is_hand_raise and (as_of - day).days <= HAND_RAISE_DAYS:
                is_raised = True
                reasons.append(Reason(f"{rule.rule_id}_hand_raise", day, count, counted, 0.0))
    band = rules.bands[0][0] if is_raised else band_of(intent_score, rules)
    return Score(points, intent_score, band, tuple(reasons))


def unscored(rules: Rules) -> Score:
    """What an excluded person has: no points and no reasons."""
    return Score(0.0, 0.0, band_of(0.0, rules), ())


def decayed_sum(rule: ScoringRule, days: Mapping[date, int], as_of: date) -> float:
    """R: capped counts times the weight, each halved with every half-life since its day."""
    if not days or is_forgotten(rule, days, as_of):
        return 0.0
    return fsum(
        rule.weight * min(count, rule.daily_cap) * half_life_decay((as_of - day).days, rule)
        for day, count in days.items()
    )


def is_forgotten(rule: ScoringRule, days: Mapping[date, int], as_of: date) -> bool:
    """Whether the last day with an event is more than 20 half-lives before the as-of day."""
    last = max(days, default=as_of)
    return (as_of - last).days > FORGOTTEN_HALF_LIVES * rule.half_life_days


def half_life_decay(age_in_days: int, rule: ScoringRule) -> float:
    """1 on the day itself, a half after one half-life; with a half-life of 0, nothing after it."""
    if age_in_days == 0:
        return 1.0
    if rule.half_life_days == 0:
        return 0.0
    return exp2(-age_in_days / rule.half_life_days)


def saturate(total: float, ceiling: float) -> float:
    """C·(1 − e^(−R/C)): close to R while it is small, never above C."""
    return ceiling * (1 - exp(-total / ceiling)) if ceiling > 0 else 0.0


def score_of_points(points: float, points_to_halve: float) -> float:
    """100·(1 − 2^(−X/half)): from 0 to 100, half-way at `points_to_halve`."""
    return 100 * (1 - exp2(-points / points_to_halve))


def band_of(intent_score: float, rules: Rules) -> str:
    """The highest band whose minimum the score reaches, once rounded to nine places."""
    rounded = round(intent_score, 9)
    for band, minimum in rules.bands:
        if rounded >= minimum:
            return band
    return rules.bands[-1][0]


def _total(
    saturated: Mapping[str, float], used: Sequence[ScoringRule], rules: Rules
) -> tuple[float, dict[str, float]]:
    """X, and by how much a rule's group scales it: 1 for a rule without a capped group."""
    factor = dict.fromkeys(saturated, 1.0)
    for group, cap in rules.group_caps.items():
        members = [rule.rule_id for rule in used if rule.group == group]
        together = fsum(saturated[rule_id] for rule_id in members)
        if together > 0:
            for rule_id in members:
                factor[rule_id] = saturate(together, cap) / together
    return fsum(saturated[rule_id] * factor[rule_id] for rule_id in factor), factor
