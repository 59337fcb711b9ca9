"""What a suggestion comes to: the sentence that decides, and what changes rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestration import console
from orchestration.backtest.findings import FEWEST_CONVERSIONS, MINUS
from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.measures import AUC, LIFT, Estimate
from orchestration.backtest.scoring import Rules
from orchestration.backtest.weights.seed_files import ScoringSeeds
from orchestration.backtest.weights.suggestion import SUGGESTED, TODAY, Looked, Suggestion

CONVERTS, TOO_FEW, FITTED = "converts", "too few people", "fitted"


@dataclass(frozen=True)
class Cells:
    """What a rule is worth."""

    weight: float
    half_life_days: float
    daily_cap: int
    saturation: float


@dataclass(frozen=True)
class RuleFound:
    """A rule. `why` says whether it was fitted, or why it stays as it is; `people` got points by it
    (by its group, if that has a cap) on the dates fitted; `weight` is not rounded yet."""

    rule_id: str
    reason: str
    why: str
    people: int
    today: Cells
    suggested: Cells
    weight: Estimate | None


def rules_found(suggestion: Suggestion, seeds: ScoringSeeds) -> list[RuleFound]:
    """The rules in the order of their file; none where nothing was fitted."""
    fitted = suggestion.fitted
    if fitted is None:
        return []
    place = {rule_id: at for at, rule_id in enumerate(seeds.rule_ids)}
    found = []
    for row in seeds.rules.rows:
        at = place[row["rule_id"]]
        found.append(
            RuleFound(
                rule_id=row["rule_id"],
                reason=row["reason"],
                why=FITTED if fitted.is_fitted[at]
                else CONVERTS if seeds.is_conversion[at] else TOO_FEW,
                people=int(fitted.people[at]),
                today=_cells(suggestion.today, at),
                suggested=_cells(fitted.rules, at),
                weight=fitted.weights[at],
            )
        )  # fmt: skip
    return found


def has_changed(today: Rules, suggested: Rules) -> bool:
    """Whether any cell is another one."""
    return not all(
        np.array_equal(getattr(today, name), getattr(suggested, name))
        for name in ("weight", "half_life_days", "daily_cap", "saturation", "group_caps")
    )


def verdict(suggestion: Suggestion) -> list[str]:
    """What the figures say, the most important sentence first.

    The difference of AUC on the dates held out decides, and nothing else: a suggestion is made
    where its interval lies above 0, and the suggested weights rank better than chance.
    """
    fitted, judged = suggestion.fitted, suggestion.judged
    if fitted is None or judged is None:
        return [_too_little(suggestion)]
    figures = judged.contest.figures
    difference = judged.contest.differences[TODAY]
    aucs = f"AUC {figures[SUGGESTED][AUC].value:.3f} against {figures[TODAY][AUC].value:.3f}"
    apart = f"a difference of {_signed(difference[AUC], 3)}"
    kept = "Nothing better than today's weights is shown, and nothing is suggested"
    if suggestion.is_suggested:
        said = [
            "The suggested weights tell better than today's who converts, on later dates than they"
            f" were fitted on: {aucs}, {apart}."
        ]
    elif not has_changed(suggestion.today, fitted.rules):
        return [f"{kept}: the weights that were fitted are today's."]
    elif difference[AUC].low > 0:
        said = [
            f"{kept}: on later dates than they were fitted on, the weights that were fitted rank"
            f" better than today's ({aucs}), but are not told apart from chance, which is 0.5."
        ]
    else:
        said = [
            f"{kept}: on later dates than they were fitted on, the weights that were fitted came"
            f" to {aucs}, {apart}."
        ]
    lift = difference[LIFT]
    words = (
        "more often" if lift.low > 0 else "less often" if lift.high < 0
        else "no more and no less often, as far as can be told,"
    )  # fmt: skip
    said.append(
        f"The tenth that they rank highest converted {words} than the tenth of today's:"
        f" lift {figures[SUGGESTED][LIFT].value:.1f} × against {figures[TODAY][LIFT].value:.1f} ×,"
        f" a difference of {_signed(lift, 1)}."
    )
    return said


def _too_little(suggestion: Suggestion) -> str:
    if not suggestion.early.days:
        return (
            "Not enough data: to fit on some dates and judge on later ones, with the"
            f" {HORIZON_DAYS} days of their conversions between them, the log is too short, or"
            " --weeks too few."
        )
    parts = {"fitted on": suggestion.early, "held out": suggestion.late}
    counts = " and ".join(
        f"{console.counted(looked.converted_people, 'person', 'people')} converted after the dates"
        f" {words}"
        for words, looked in parts.items()
    )
    return f"Not enough data: {counts}; each needs {FEWEST_CONVERSIONS}."


def _cells(rules: Rules, at: int) -> Cells:
    return Cells(
        float(rules.weight[at]),
        float(rules.half_life_days[at]),
        int(rules.daily_cap[at]),
        float(rules.saturation[at]),
    )


def _signed(difference: Estimate, digits: int) -> str:
    low, high = f"{difference.low:+.{digits}f}", f"{difference.high:+.{digits}f}"
    return f"{low} to {high}".replace("-", MINUS)


def shares(rows: Sequence[int]) -> list[float]:
    """Each count as a part of them all."""
    return [count / sum(rows) if sum(rows) else 0.0 for count in rows]


def looked_words(looked: Looked) -> str:
    """How many were looked at, and how many of them converted."""
    people = console.counted(looked.people, "person", "people")
    return f"{people}, {looked.converted_people:,} of whom converted"
