"""Suggested weights in the size of today's, so that bands keep their meaning, in plain numbers."""

from __future__ import annotations

import numpy as np

from orchestration.backtest.frames import Frames
from orchestration.backtest.history import Floats
from orchestration.backtest.scoring import Rules

FEWEST_PEOPLE = 20
"""So many people a band needs to be the measure of the size of weights."""
_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
PLAIN = np.array([step * 10.0**power for power in range(-1, 5) for step in _STEPS])
_NOTHING = 0.05
SHORTEST_DAYS = 0.01


def anchor_of(rules: Rules, frames: Frames) -> float | None:
    """The points that the highest band asks for which at least FEWEST_PEOPLE reach by their score.

    None where nobody stands above the lowest band.
    """
    for _, lowest in rules.bands:
        if not 0 < lowest < 100:
            continue
        asked = float(-rules.person_score_scale * np.log2(1 - lowest / 100))
        if len(np.unique(frames.node[frames.points >= asked])) >= FEWEST_PEOPLE:
            return asked
    return None


def size_of(today: Floats, others: Floats, fitted: Floats, anchor: float | None,
            times: Floats) -> float:  # fmt: skip
    """By what the fitted weights are to be multiplied: then as many rows reach `anchor` as today.

    today, others, fitted: of each row the points by today's rules, those of rules that stay as they
    are, and those of the fitted ones. Without an anchor the mean stays what it is. times: how often
    each row counts.
    """
    total = float(times @ fitted)
    if total <= 0:
        return 1.0
    if anchor is None:
        return float(times @ (today - others)) / total
    reaching = float(times[today >= anchor].sum())
    with np.errstate(divide="ignore"):
        needs = np.where(fitted > 0, (anchor - others) / fitted, np.inf)
    needs[others >= anchor] = 0.0
    order = np.argsort(needs, kind="stable")
    found = needs[order][np.searchsorted(np.cumsum(times[order]), reaching - 1e-9)]
    return float(found) if 0 < found < np.inf else float(times @ (today - others)) / total


def plain(value: float, today: float) -> float:
    """A number that somebody would write, or today's where that is as near; less than 0.05 is 0."""
    if value < _NOTHING:
        return 0.0
    near = PLAIN[np.argmin(np.abs(np.log(PLAIN / value)))]
    if today > 0 and abs(np.log(today / value)) <= abs(np.log(near / value)):
        return today
    return float(near)


def plain_days(value: float) -> float:
    """A half-life in whole days; below two days with two digits, and never less than a seed may."""
    return float(round(value)) if value >= 2 else max(float(f"{value:.2g}"), SHORTEST_DAYS)
