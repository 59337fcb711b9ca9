"""A suggestion as text for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from orchestration import console
from orchestration.backtest.findings import FEWEST_CONVERSIONS
from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.history import day_of
from orchestration.backtest.measures import CONFIDENCE, DRAWS, MEASURES, SEED, Estimate
from orchestration.backtest.report import MEASURE_NAMES, interval, percent
from orchestration.backtest.weights.findings import (
    CONVERTS,
    FITTED,
    TOO_FEW,
    RuleFound,
    looked_words,
    rules_found,
    shares,
    verdict,
)
from orchestration.backtest.weights.scaling import FEWEST_PEOPLE
from orchestration.backtest.weights.seed_files import ScoringSeeds, written
from orchestration.backtest.weights.suggestion import (
    FIT_DRAWS,
    SUGGESTED,
    TODAY,
    Looked,
    Suggestion,
)

RANKING_NAMES = {
    SUGGESTED: "fitted weights", TODAY: "today's weights", "recency": "recency",
    "event_count": "event count",
}  # fmt: skip
WHY_WORDS = {
    FITTED: "",
    CONVERTS: "stays: it is a conversion",
    TOO_FEW: f"stays: fewer than {FEWEST_PEOPLE} people",
}
ADOPT = (
    "To adopt it: look at the files, copy those that you want over seeds/scoring/, then run:"
    " intent refresh. Nothing is adopted by itself."
)
ARROW = "→"


def suggestion_json(suggestion: Suggestion, seeds: ScoringSeeds, files: Sequence[Path]) -> str:
    """One JSON object; where there is not enough data, `rules`, `figures` and what else would be
    chance are empty."""
    fitted, judged = suggestion.fitted, suggestion.judged
    document: dict[str, Any] = {
        "horizon_days": HORIZON_DAYS,
        "confidence": CONFIDENCE,
        "bootstrap_draws": DRAWS,
        "bootstrap_draws_of_weights": FIT_DRAWS,
        "bootstrap_seed": SEED,
        "fewest_conversions": FEWEST_CONVERSIONS,
        "is_suggested": suggestion.is_suggested,
        "verdict": verdict(suggestion),
        "fitted_on": _dates(suggestion.early),
        "held_out": _dates(suggestion.late),
        "factors": asdict(fitted.variant) if fitted else {},
        "rules": [asdict(rule) for rule in rules_found(suggestion, seeds)],
        "groups": [
            {"score_group": name, "today": float(today), "suggested": float(new)}
            for name, today, new in zip(
                seeds.group_names, suggestion.today.group_caps, fitted.rules.group_caps,
                strict=True,
            )
        ] if fitted else [],
        "figures": {},
        "differences": {},
        "in_bands": {},
        "files": [str(path) for path in files],
    }  # fmt: skip
    if judged:
        for name, of in (
            ("figures", judged.contest.figures),
            ("differences", judged.contest.differences),
        ):
            document[name] = {
                ranking: {measure: asdict(found) for measure, found in each.items()}
                for ranking, each in of.items()
            }
        document["in_bands"] = {
            name: dict(zip(suggestion.today.band_names, shares(rows), strict=True))
            for name, rows in judged.in_bands.items()
        }
    return json.dumps(document, default=console.utc_value, indent=2, ensure_ascii=False)


def print_suggestion(
    suggestion: Suggestion, seeds: ScoringSeeds, files: Sequence[Path], out: TextIO
) -> None:
    """The verdict, the figures, then the rules."""
    for sentence in verdict(suggestion):
        print(sentence, file=out)
    fitted, judged = suggestion.fitted, suggestion.judged
    if fitted is None or judged is None:
        return
    print("", file=out)
    for words, looked in (("Fitted on", suggestion.early), ("Judged on", suggestion.late)):
        print(f"{words} {dates_words(looked)}: {looked_words(looked)}", file=out)
    print(f"Intervals: {CONFIDENCE:.0%}, bootstrap by person\n", file=out)
    contest = judged.contest
    console.table(
        ["on the later dates", *MEASURE_NAMES.values()],
        [
            *(
                [RANKING_NAMES[name], *(interval(each[measure], measure) for measure in MEASURES)]
                for name, each in contest.figures.items()
            ),
            *(
                [f"fitted less {RANKING_NAMES[name].removesuffix(' weights')}",
                 *(interval(each[measure], measure, signed=True) for measure in MEASURES)]
                for name, each in contest.differences.items()
            ),
        ],
        out=out,
    )  # fmt: skip
    print("", file=out)
    console.table(
        ["rule", "people", "weight", "of the fit", "half-life", "daily cap", "saturation", ""],
        [rule_row(rule) for rule in rules_found(suggestion, seeds)],
        right=["people"],
        out=out,
    )
    print("", file=out)
    console.table(
        ["rows of the later dates in band", *suggestion.today.band_names],
        [
            [RANKING_NAMES[name], *(percent(share) for share in shares(rows))]
            for name, rows in judged.in_bands.items()
        ],
        right=suggestion.today.band_names,
        out=out,
    )
    if files:
        print("", file=out)
        for path in files:
            print(f"Written: {path}", file=out)
        print(ADOPT, file=out)


def rule_row(rule: RuleFound) -> list[str]:
    """A rule in words: what is suggested in its place, cell by cell."""
    today, new = rule.today, rule.suggested
    return [
        rule.rule_id,
        f"{rule.people:,}",
        moved(today.weight, new.weight),
        weight_interval(rule.weight),
        moved(today.half_life_days, new.half_life_days),
        moved(today.daily_cap, new.daily_cap),
        moved(today.saturation, new.saturation),
        WHY_WORDS[rule.why],
    ]


def moved(today: float, new: float) -> str:
    """15 → 20, or 15 where it stays."""
    return written(today) if new == today else f"{written(today)} {ARROW} {written(new)}"


def weight_interval(found: Estimate | None) -> str:
    """19.2 (14.8 to 24.1), a dash for a rule that stays."""
    if found is None:
        return "–"
    return f"{found.value:.1f} ({found.low:.1f} to {found.high:.1f})"


def dates_words(looked: Looked) -> str:
    """13 dates from 2026-01-03 to 2026-03-28."""
    first, last = (day_of(day) for day in (looked.days[0], looked.days[-1]))
    return f"{console.counted(len(looked.days), 'date')} from {first} to {last}"


def _dates(looked: Looked) -> dict[str, Any]:
    return {
        "dates": [day_of(day) for day in looked.days],
        "people": looked.people,
        "converted_people": looked.converted_people,
    }
