"""The findings as text for people, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TextIO

from orchestration import console, plots
from orchestration.backtest.findings import FEWEST_CONVERSIONS, Findings, verdict
from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.measures import (
    AUC,
    CAPTURE,
    CONFIDENCE,
    DRAWS,
    LIFT,
    MEASURES,
    RANKINGS,
    SEED,
    TOPS,
    Estimate,
)

RANKING_NAMES = {"score": "score", "recency": "recency", "event_count": "event count"}
MEASURE_NAMES = {LIFT: "lift at 10 %", CAPTURE: "capture at 20 %", AUC: "AUC"}


def findings_json(findings: Findings) -> str:
    """One JSON object; `figures`, `bands` and `steps` are empty where there is not enough data."""
    compared = findings.compared
    document: dict[str, Any] = {
        "horizon_days": HORIZON_DAYS,
        "confidence": CONFIDENCE,
        "bootstrap_draws": DRAWS,
        "bootstrap_seed": SEED,
        "fewest_conversions": FEWEST_CONVERSIONS,
        "is_enough": findings.is_enough,
        "verdict": verdict(findings),
        "people": findings.people,
        "converted_people": findings.converted_people,
        "rows": findings.rows,
        "base_rate": findings.base_rate if compared else None,
        "weeks": [asdict(week) for week in findings.weeks],
        "figures": {},
        "differences": {},
        "captured_in_top": {},
        "bands": [asdict(band) for band in findings.bands],
        "are_bands_in_order": findings.are_bands_in_order if compared else None,
        "steps": [asdict(step) for step in findings.steps],
    }
    if compared:
        for name, of in (("figures", compared.figures), ("differences", compared.differences)):
            document[name] = {
                ranking: {measure: asdict(found) for measure, found in each.items()}
                for ranking, each in of.items()
            }
        document["captured_in_top"] = {"top": TOPS, **compared.curves}
    return json.dumps(document, default=console.utc_value, indent=2, ensure_ascii=False)


def print_findings(findings: Findings, out: TextIO) -> None:
    """The verdict, then the figures."""
    for sentence in verdict(findings):
        print(sentence, file=out)
    if findings.weeks:
        first, last = findings.weeks[0].as_of, findings.weeks[-1].as_of
        print(
            f"\n{console.counted(len(findings.weeks), 'date')} from {first} to {last}, a week"
            f" apart: {console.counted(findings.people, 'person', 'people')},"
            f" {findings.converted_people:,} of whom"
            f" converted within {HORIZON_DAYS} days",
            file=out,
        )
    if findings.compared is None:
        return
    print(
        f"{findings.rows:,} rows (a person on a date); {percent(findings.base_rate)} of them"
        f" converted. Intervals: {CONFIDENCE:.0%}, bootstrap by person\n",
        file=out,
    )
    compared = findings.compared
    console.table(
        ["ranked by", *MEASURE_NAMES.values()],
        [
            [RANKING_NAMES[name],
             *(interval(compared.figures[name][measure], measure) for measure in MEASURES)]
            for name in RANKINGS
        ],
        out=out,
    )  # fmt: skip
    print("", file=out)
    console.table(
        ["score less", *MEASURE_NAMES.values()],
        [
            [RANKING_NAMES[name],
             *(interval(difference[measure], measure, signed=True) for measure in MEASURES)]
            for name, difference in compared.differences.items()
        ],
        out=out,
    )  # fmt: skip
    print("", file=out)
    console.table(
        ["band", "rows", "people", "converted", "rate", "median days"],
        [
            [band.band, f"{band.rows:,}", f"{band.people:,}", f"{band.converted_people:,}",
             rate_words(band.rate), days_words(band.median_days)]
            for band in findings.bands
        ],
        right=["rows", "people", "converted", "median days"],
        out=out,
    )  # fmt: skip


def findings_in_markdown(findings: Findings) -> str:
    """The verdict and the measures, for the UI."""
    sentences = "\n".join(f"- {plots.escaped(sentence)}" for sentence in verdict(findings))
    if findings.compared is None:
        return sentences
    figures = findings.compared.figures
    table = plots.table(
        ["ranked by", *MEASURE_NAMES.values()],
        [
            [RANKING_NAMES[name], *(interval(figures[name][each], each) for each in MEASURES)]
            for name in RANKINGS
        ],
        [],
    )
    return f"{sentences}\n\n{table}"


def interval(found: Estimate, measure: str, *, signed: bool = False) -> str:
    """0.74 (0.71 to 0.78); lifts with a ×, captures in percent."""
    values = (found.value, found.low, found.high)
    value, low, high = (figure(each, measure, signed=signed) for each in values)
    return f"{value} ({low} to {high})"


def figure(value: float, measure: str, *, signed: bool = False) -> str:
    """A figure of a measure as it is written."""
    sign = "+" if signed else ""
    if measure == LIFT:
        words = f"{value:{sign}.1f} ×"
    elif measure == CAPTURE:
        words = f"{100 * value:{sign}.0f} %"
    else:
        words = f"{value:{sign}.2f}"
    # what is nothing once rounded has no sign
    if signed and not any(digit in words for digit in "123456789"):
        words = words.lstrip("+-")
    return words.replace("-", "−")


def percent(share: float) -> str:
    """12.3 %."""
    return f"{100 * share:.1f} %"


def rate_words(rate: Estimate | None) -> str:
    """12.3 % (8.0 % to 17.1 %), a dash for none."""
    if rate is None:
        return "–"
    return f"{percent(rate.value)} ({percent(rate.low)} to {percent(rate.high)})"


def days_words(days: float | None) -> str:
    """Whole or half days; a dash where nobody converted."""
    return "–" if days is None else f"{days:g}"
