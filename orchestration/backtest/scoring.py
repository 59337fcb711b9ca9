"""What everybody scores on a day, by the rules that are loaded: the formulas of docs/rules.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import yaml  # type: ignore[import-untyped]

from ingestion.settings import PROJECT_ROOT
from orchestration.backtest.history import Flags, Floats, Ints, summed
from orchestration.backtest.traffic import Thresholds


@dataclass(frozen=True)
class Rules:
    """The seeds and numbers that scores are made of; arrays are by rule, in order of rule_id.

    `group` is a place in `group_caps`, -1 for a rule in no capped group. `bands` are pairs of name
    and lowest score, the highest first.
    """

    weight: Floats
    half_life_days: Floats
    daily_cap: Ints
    saturation: Floats
    is_hand_raise: Flags
    group: Ints
    group_caps: Floats
    bands: Sequence[tuple[str, float]]
    person_score_scale: float
    forget_after_half_lives: float
    hand_raise_days: int
    identifier_limits: dict[str, int]
    traffic_rules: frozenset[str]
    traffic_thresholds: Thresholds

    @property
    def band_names(self) -> list[str]:
        """The bands, the highest first."""
        return [name for name, _ in self.bands]


@dataclass(frozen=True)
class Scores:
    """By person: points, score (0 to 100) and band (a place in Rules.bands)."""

    points: Floats
    score: Floats
    band: Ints


def read_rules(
    connection: duckdb.DuckDBPyConnection, numbers: Mapping[str, Any] | None = None
) -> Rules:
    """The seeds as they were loaded last; numbers: dbt vars, by default those of the project."""
    numbers = project_numbers() if numbers is None else numbers
    rules = connection.execute(
        "select weight, half_life_days, daily_cap, saturation, is_hand_raise, score_group"
        " from seeds.scoring_rules order by rule_id"
    ).fetchall()
    groups = connection.execute(
        "select score_group, group_cap from seeds.scoring_groups order by score_group"
    ).fetchall()
    places = {name: place for place, (name, _) in enumerate(groups)}
    return Rules(
        weight=np.array([float(row[0]) for row in rules]),
        half_life_days=np.array([float(row[1]) for row in rules]),
        daily_cap=np.array([int(row[2]) for row in rules], np.int64),
        saturation=np.array([float(row[3]) for row in rules]),
        is_hand_raise=np.array([bool(row[4]) for row in rules], np.bool_),
        group=np.array([places.get(row[5], -1) for row in rules], np.int64),
        group_caps=np.array([float(cap) for _, cap in groups]),
        bands=[
            (str(name), float(lowest))
            for name, lowest in connection.execute(
                "select band, minimum_score from seeds.score_bands order by minimum_score desc"
            ).fetchall()
        ],
        person_score_scale=float(numbers["person_score_scale"]),
        forget_after_half_lives=float(numbers["forget_after_half_lives"]),
        hand_raise_days=int(numbers["hand_raise_days"]),
        identifier_limits={
            str(kind): int(most)
            for kind, most in connection.execute(
                "select identifier_type, maximum_per_person from seeds.identity_limits"
                " order by identifier_type desc"
            ).fetchall()
        },
        traffic_rules=frozenset(
            str(rule)
            for (rule,) in connection.execute(
                "select traffic_rule from seeds.traffic_rules"
            ).fetchall()
        ),
        traffic_thresholds={
            (str(rule), str(name)): float(value)
            for rule, name, value in connection.execute(
                "select traffic_rule, threshold, value from seeds.traffic_thresholds"
            ).fetchall()
        },
    )


def project_numbers() -> Mapping[str, Any]:
    """The vars of dbt_project.yml."""
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    numbers: Mapping[str, Any] = yaml.safe_load(text)["vars"]
    return numbers


@dataclass(frozen=True)
class RulePoints:
    """What a rule gives a person, after saturation and before groups: one element for each pair."""

    person: Ints
    rule: Ints
    points: Floats


def score_people(
    rules: Rules, people: int, person: Ints, rule: Ints, day: Ints, count: Ints, on: int
) -> Scores:
    """The scores of `people` people at the end of day `on`, from buckets up to that day.

    One element a bucket: whose it is, its rule, day and count of events. Buckets of one person,
    rule and day are summed before the daily cap.
    """
    given = points_of_rules(rules, person, rule, day, count, on)
    alone = rules.group[given.rule] < 0
    points = summed(given.person[alone], given.points[alone], people)
    for group in range(len(rules.group_caps)):
        points += points_of_group(rules, group, given, people)
    raised = np.zeros(people, np.bool_)
    raised[person[rules.is_hand_raise[rule] & (on - day < rules.hand_raise_days)]] = True
    score = 100 * (1 - 2.0 ** (-points / rules.person_score_scale))
    return Scores(points, score, _bands(rules, score, raised))


def points_of_rules(
    rules: Rules, person: Ints, rule: Ints, day: Ints, count: Ints, on: int
) -> RulePoints:
    """What each rule gives each person at the end of day `on`; buckets as `score_people` has."""
    rule_count = len(rules.weight)
    first = int(day.min(initial=on))
    span = on - first + 1
    keys, place = np.unique(
        (person * rule_count + rule) * span + (day - first), return_inverse=True
    )
    counts = summed(place, count, len(keys))
    at_day = keys % span + first
    pair = keys // span
    of_rule = pair % rule_count
    # keys stand in order, so the last one of a pair is its last day
    ends = np.append(np.flatnonzero(np.diff(pair)), len(pair) - 1) if len(pair) else pair
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    sizes = ends - starts + 1
    last = np.repeat(at_day[ends], sizes)
    worth = rules.weight[of_rule] * np.minimum(counts, rules.daily_cap[of_rule])
    terms = np.round(worth * 2.0 ** (-(last - at_day) / rules.half_life_days[of_rule]), 12)
    sums = np.add.reduceat(terms, starts) if len(starts) else terms
    pair_rule, pair_person, pair_last = of_rule[ends], pair[ends] // rule_count, at_day[ends]
    half_life, silent = rules.half_life_days[pair_rule], on - pair_last
    decayed = sums * 2.0 ** (-silent / half_life)
    decayed[silent > rules.forget_after_half_lives * half_life] = 0.0
    return RulePoints(pair_person, pair_rule, _saturate(decayed, rules.saturation[pair_rule]))


def points_of_group(rules: Rules, group: int, given: RulePoints, people: int) -> Floats:
    """What the rules of a group give each of `people` people together, under the group's cap."""
    own = rules.group[given.rule] == group
    together = summed(given.person[own], given.points[own], people)
    return _saturate(together, np.full(people, rules.group_caps[group]))


def _saturate(amount: Floats, ceiling: Floats) -> Floats:
    """C·(1 − e^(−R/C)): the first point whole, never above C; nothing where C is 0."""
    filled = np.where(ceiling > 0, ceiling, 1.0)
    return np.where(ceiling > 0, filled * (1 - np.exp(-amount / filled)), 0.0)


def _bands(rules: Rules, score: Floats, is_raised: Flags) -> Ints:
    rounded = np.round(score, 9)
    band = np.full(len(score), len(rules.bands) - 1, np.int64)
    for place in range(len(rules.bands) - 1, -1, -1):
        band[rounded >= rules.bands[place][1]] = place
    # the highest, where the seed knows no hot one
    band[is_raised] = rules.band_names.index("hot") if "hot" in rules.band_names else 0
    return band
