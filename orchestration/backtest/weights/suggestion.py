"""Weights that foretell better than today's, if any are shown to: fitted early, judged late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from orchestration.backtest.findings import FEWEST_CONVERSIONS
from orchestration.backtest.frames import Frames, Heard, frames_of
from orchestration.backtest.history import Flags, Floats, History, Ints
from orchestration.backtest.measures import (
    AUC,
    COUNT,
    RECENCY,
    SEED,
    Contest,
    Estimate,
    contest,
    drawn_people,
    estimate,
    promising,
)
from orchestration.backtest.scoring import Rules
from orchestration.backtest.weights.evidence import (
    Evidence,
    Unit,
    evidence_of,
    split_of,
    units_of,
)
from orchestration.backtest.weights.fitting import Fit, Problem
from orchestration.backtest.weights.scaling import (
    FEWEST_PEOPLE,
    anchor_of,
    plain,
    plain_days,
    size_of,
)
from orchestration.backtest.weights.variants import LADDERS, Variant

TODAY, SUGGESTED = "today", "suggested"
FIT_DRAWS = 100
"""Draws of the bootstrap that says how sure a weight is: the fit is made anew on each."""


@dataclass(frozen=True)
class Fitted:
    """What the earlier dates say.

    rules: in plain numbers, in the size of today's. is_fitted and people (who did what a rule is
    for, on a date that was fitted on) are by rule. weights: by rule, before they are rounded, with
    their intervals; None for a rule that stays as it is.
    """

    rules: Rules
    variant: Variant
    is_fitted: Flags
    people: Ints
    weights: Sequence[Estimate | None]


@dataclass(frozen=True)
class Looked:
    """Some of the dates: who was looked at on them, and who converted after."""

    days: Sequence[int]
    people: int
    converted_people: int


@dataclass(frozen=True)
class Judged:
    """The dates held out: rankings by the weights suggested and by today's, and two baselines.

    in_bands: of today's and the suggested rules how many rows stand in each band, the highest
    first.
    """

    contest: Contest
    in_bands: Mapping[str, Sequence[int]]

    @property
    def is_better(self) -> bool:
        """Whether what is suggested is shown to rank better than today's, and than chance."""
        by = self.contest.differences[TODAY][AUC]
        return by.low > 0 and self.contest.figures[SUGGESTED][AUC].low > 0.5


@dataclass(frozen=True)
class Suggestion:
    """What came out. `fitted` and `judged` are None where there is not enough data."""

    today: Rules
    early: Looked
    late: Looked
    fitted: Fitted | None = None
    judged: Judged | None = None

    @property
    def is_suggested(self) -> bool:
        """Whether there are weights to look at and adopt."""
        return self.judged is not None and self.judged.is_better


def suggestion_of(
    history: History | None,
    rules: Rules,
    is_conversion: Flags,
    days: Sequence[int],
    on_step: Heard | None = None,
) -> Suggestion:
    """What is suggested in the place of `rules`, from `days`, a week apart, the first one first.

    is_conversion: of each rule, that what it is for converts: it stays as it is.
    """
    nothing = Looked([], 0, 0)
    if history is None or not days:
        return Suggestion(rules, nothing, nothing)
    split = split_of(days)
    early, late = (frames_of(history, rules, part) for part in (split.fitted, split.held_out))
    looked = Suggestion(rules, _looked(split.fitted, early), _looked(split.held_out, late))
    if min(looked.early.converted_people, looked.late.converted_people) < FEWEST_CONVERSIONS:
        return looked
    fitted = fit_rules(history, rules, is_conversion, split.fitted, on_step)
    new = frames_of(history, fitted.rules, split.held_out)
    return replace(looked, fitted=fitted, judged=_judged(late, new, len(rules.bands)))


def fit_rules(
    history: History,
    rules: Rules,
    is_conversion: Flags,
    days: Sequence[int],
    on_step: Heard | None = None,
) -> Fitted:
    """The rules that the evidence of `days` speaks for; nothing later than their labels counts.

    A rule is fitted if FEWEST_PEOPLE people got points by it on these dates, and if it is not for
    a conversion; all others stay as they are, cell by cell.
    """
    units = units_of(rules)
    steps = 1 + sum(len(ladder) for ladder in LADDERS.values()) + FIT_DRAWS
    done = 0

    def tell() -> None:
        nonlocal done
        if on_step is not None:
            on_step(done, steps)
        done += 1

    tell()
    found = evidence_of(history, rules, units, days)
    people = _people(found, units)
    may_change = np.array(
        [not is_conversion[list(unit.rules)].any() for unit in units], np.bool_
    ) & (people >= FEWEST_PEOPLE)
    changes = _by_rule(units, may_change.astype(np.int64), len(rules.weight)).astype(np.bool_)

    def tried(variant: Variant) -> tuple[float, Variant, Evidence]:
        own = (
            found if variant == Variant()
            else evidence_of(history, variant.rules(rules, changes), units, days)
        )  # fmt: skip
        return _problem(own, may_change, rules).fit().loss + variant.loss, variant, own

    best = tried(Variant())
    for name, ladder in LADDERS.items():
        for factor in ladder:
            tell()
            other = tried(replace(best[1], **{name: factor}))
            if other[0] < best[0]:
                best = other
    _, variant, own = best
    problem = _problem(own, may_change, rules)
    fit = problem.fit()
    sized = _Sizes(rules, found.frames, own.points, may_change)
    factors = sized.factors(fit, np.ones(len(found.frames)))
    drawn = []
    clusters, cluster = np.unique(found.frames.cluster, return_inverse=True)
    for times in drawn_people(len(clusters), FIT_DRAWS, SEED):
        tell()
        of_row = times[cluster]
        drawn.append(sized.factors(problem.fit(of_row, fit.parameters), of_row))
    by_draw = np.stack(drawn)
    weights: list[Estimate | None] = [None] * len(rules.weight)
    for place in np.flatnonzero(may_change).tolist():
        for rule in units[place].rules:
            today = rules.weight[rule]
            weights[rule] = estimate(today * factors[place], today * by_draw[:, place])
    return Fitted(
        rules=_plain_rules(rules, variant.rules(rules, changes), units, factors, changes),
        variant=variant,
        is_fitted=changes,
        people=_by_rule(units, people, len(rules.weight)),
        weights=weights,
    )


class _Sizes:
    """Brings the factors of a fit to the size of today's weights."""

    def __init__(self, rules: Rules, frames: Frames, points: Floats, may_change: Flags) -> None:
        self._today, self._points, self._may_change = frames.points, points, may_change
        self._others = points[:, ~may_change].sum(axis=1)
        self._anchor = anchor_of(rules, frames)

    def factors(self, fit: Fit, times: Floats) -> Floats:
        fitted = self._points[:, self._may_change] @ fit.factors[self._may_change]
        size = size_of(self._today, self._others, fitted, self._anchor, times)
        return np.where(self._may_change, fit.factors * size, 1.0)


def _problem(found: Evidence, may_change: Flags, rules: Rules) -> Problem:
    frames = found.frames
    return Problem(frames.day, found.points, frames.converted, may_change, rules.person_score_scale)


def _people(found: Evidence, units: Sequence[Unit]) -> Ints:
    """By unit how many people got points by it, each named as on the date."""
    nodes = [found.frames.node[found.points[:, place] > 0] for place in range(len(units))]
    return np.array([len(np.unique(of_unit)) for of_unit in nodes], np.int64)


def _by_rule(units: Sequence[Unit], values: Ints, rules: int) -> Ints:
    by_rule = np.zeros(rules, np.int64)
    for unit, value in zip(units, values.tolist(), strict=True):
        by_rule[list(unit.rules)] = value
    return by_rule


def _plain_rules(
    today: Rules, new: Rules, units: Sequence[Unit], factors: Floats, changes: Flags
) -> Rules:
    """The variant `new` with weights and ceilings by their factors, in plain numbers."""
    weight, saturation = today.weight.copy(), today.saturation.copy()
    half_life, group_caps = today.half_life_days.copy(), today.group_caps.copy()
    for unit, factor in zip(units, factors.tolist(), strict=True):
        for rule in unit.rules:
            if changes[rule]:
                weight[rule] = plain(today.weight[rule] * factor, today.weight[rule])
                saturation[rule] = plain(new.saturation[rule] * factor, today.saturation[rule])
                if new.half_life_days[rule] != today.half_life_days[rule]:
                    half_life[rule] = plain_days(new.half_life_days[rule])
        if unit.group >= 0 and changes[unit.rules[0]]:
            cap = new.group_caps[unit.group] * factor
            group_caps[unit.group] = plain(cap, today.group_caps[unit.group])
    return replace(
        new,
        weight=weight,
        saturation=saturation,
        half_life_days=half_life,
        group_caps=group_caps,
    )


def _looked(days: Sequence[int], frames: Frames) -> Looked:
    return Looked(days, len(np.unique(frames.cluster)), frames.converted_people)


def _judged(today: Frames, suggested: Frames, bands: int) -> Judged:
    """Both hold the same rows: who is looked at does not depend on weights."""
    values = {
        SUGGESTED: suggested.points,
        TODAY: today.points,
        RECENCY: promising(today, RECENCY),
        COUNT: promising(today, COUNT),
    }
    return Judged(
        contest(today, values),
        {
            name: np.bincount(frames.band, minlength=bands).tolist()
            for name, frames in ((TODAY, today), (SUGGESTED, suggested))
        },
    )
