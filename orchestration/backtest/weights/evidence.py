"""What each rule gave everybody on past dates, and who converted after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestration.backtest.frames import (
    HORIZON_DAYS,
    Frames,
    buckets_on,
    frame_on,
    together,
)
from orchestration.backtest.history import NEVER, Floats, History, Ints, summed
from orchestration.backtest.identity import components_on
from orchestration.backtest.scoring import Rules, points_of_group, points_of_rules
from orchestration.backtest.standing import standing_on

HELD_OUT_PART = 3
"""The last of so many parts of the dates is held out."""


@dataclass(frozen=True)
class Unit:
    """Rules whose weights change by one factor: a rule by itself, or all rules of a capped group.

    `group` is a place in Rules.group_caps, -1 for a rule by itself.
    """

    rules: tuple[int, ...]
    group: int = -1


@dataclass(frozen=True)
class Evidence:
    """The frames of some dates, and of each row the points that each unit gave (rows × units).

    Points are linear in the factor of a unit, where its ceilings change by the same one: with
    s·w and s·C a rule gives s·C·(1 − e^(−s·R/(s·C))), which is s times what it gave.
    """

    frames: Frames
    points: Floats


@dataclass(frozen=True)
class Split:
    """Dates to fit on, and dates to judge on. No label of the first is of a day of the second."""

    fitted: Sequence[int]
    held_out: Sequence[int]


def split_of(days: Sequence[int]) -> Split:
    """The last third of the dates is held out; fitted are those settled by the first of them.

    Who converts is asked of the HORIZON_DAYS after a date, so what is fitted knows nothing of what
    happened after the evening of the first date held out.
    """
    held_out = days[len(days) - (len(days) + HELD_OUT_PART - 1) // HELD_OUT_PART :]
    return Split([day for day in days if day + HORIZON_DAYS <= held_out[0]], held_out)


def units_of(rules: Rules) -> list[Unit]:
    """Each rule in one unit, in order of their first rules."""
    units = []
    for rule in range(len(rules.weight)):
        group = int(rules.group[rule])
        if group < 0:
            units.append(Unit((rule,)))
        elif rule == min(np.flatnonzero(rules.group == group)):
            units.append(Unit(tuple(np.flatnonzero(rules.group == group).tolist()), group))
    return units


def evidence_of(
    history: History, rules: Rules, units: Sequence[Unit], days: Sequence[int]
) -> Evidence:
    """The evidence of `days`, each from the log cut at its end (labels: HORIZON_DAYS later)."""
    at_the_end = components_on(history, rules.identifier_limits, NEVER)
    frames, points = [], [np.zeros((0, len(units)))]
    for day in days:
        now = standing_on(history, rules, day)
        frame = frame_on(history, rules, now, at_the_end)
        found = buckets_on(history, now)
        # only what people in the frame did: of those who have converted nothing is looked at
        row_of = np.full(history.node_count, -1, np.int64)
        row_of[frame.node] = np.arange(len(frame))
        row = row_of[found.person]
        own = row >= 0
        frames.append(frame)
        points.append(
            _points(
                rules, units, len(frame),
                row[own], found.rule[own], found.day[own], found.event_count[own], day,
            )
        )  # fmt: skip
    return Evidence(together(frames), np.concatenate(points))


def _points(
    rules: Rules,
    units: Sequence[Unit],
    rows: int,
    row: Ints,
    rule: Ints,
    day: Ints,
    count: Ints,
    on: int,
) -> Floats:
    given = points_of_rules(rules, row, rule, day, count, on)
    points = np.zeros((rows, len(units)))
    for place, unit in enumerate(units):
        if unit.group >= 0:
            points[:, place] = points_of_group(rules, unit.group, given, rows)
        else:
            own = given.rule == unit.rules[0]
            points[:, place] = summed(given.person[own], given.points[own], rows)
    return points
