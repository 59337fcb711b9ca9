"""What came out of a backtest: all figures, and the sentence that says what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from orchestration import console
from orchestration.backtest.frames import HORIZON_DAYS, Frames
from orchestration.backtest.history import day_of
from orchestration.backtest.measures import (
    AUC,
    COUNT,
    LIFT,
    RECENCY,
    SCORE,
    Compared,
    Estimate,
    Step,
    compare,
    steps_of,
)

FEWEST_CONVERSIONS = 20
"""With fewer people who converted there are no figures: they would be chance."""
NAMES = {SCORE: "the score", RECENCY: "recency", COUNT: "the count of events"}
MINUS = "−"


@dataclass(frozen=True)
class Week:
    """A date: who was looked at, and how many of them converted within the horizon."""

    as_of: date
    people: int
    converted: int


@dataclass(frozen=True)
class BandFound:
    """A band over all dates. `rows` counts a person once for each date."""

    band: str
    rows: int
    converted_rows: int
    people: int
    converted_people: int
    rate: Estimate | None
    median_days: float | None
    """From the date to the conversion, of the rows that converted."""


@dataclass(frozen=True)
class Findings:
    """A backtest. Everything below `weeks` is empty where there is not enough data."""

    weeks: Sequence[Week]
    people: int
    converted_people: int
    compared: Compared | None
    bands: Sequence[BandFound]
    steps: Sequence[Step]

    @property
    def is_enough(self) -> bool:
        return self.compared is not None

    @property
    def rows(self) -> int:
        """People, each counted for each date that they were looked at."""
        return sum(week.people for week in self.weeks)

    @property
    def base_rate(self) -> float:
        """What part of all rows converted."""
        return sum(week.converted for week in self.weeks) / self.rows if self.rows else 0.0

    @property
    def are_bands_in_order(self) -> bool:
        """Whether a higher band converted at least as often as each lower one that had rows."""
        rates = [band.rate.value for band in self.bands if band.rate is not None]
        return all(higher >= lower for higher, lower in pairwise(rates))


def findings_of(frames: Frames, days: Sequence[int], bands: Sequence[str]) -> Findings:
    """The findings; bands: their names, the highest first."""
    converted = frames.converted
    weeks = [
        Week(day_of(day), int(own.sum()), int(converted[own].sum()))
        for day in days
        for own in [frames.day == day]
    ]
    is_enough = frames.converted_people >= FEWEST_CONVERSIONS and not converted.all()
    compared = compare(frames, len(bands)) if is_enough else None
    return Findings(
        weeks=weeks,
        people=len(np.unique(frames.cluster)),
        converted_people=frames.converted_people,
        compared=compared,
        bands=[_band(frames, place, name, compared) for place, name in enumerate(bands)]
        if compared
        else [],
        steps=steps_of(frames) if compared else [],
    )


def _band(frames: Frames, place: int, name: str, compared: Compared) -> BandFound:
    own = frames.band == place
    hits = own & frames.converted
    return BandFound(
        band=name,
        rows=int(own.sum()),
        converted_rows=int(hits.sum()),
        people=len(np.unique(frames.cluster[own])),
        converted_people=len(np.unique(frames.cluster[hits])),
        rate=compared.band_rates[place],
        median_days=float(np.median(frames.days_to_conversion[hits])) if hits.any() else None,
    )


def verdict(findings: Findings) -> list[str]:
    """What the figures say, the most important sentence first.

    AUC decides, since it looks at everybody; what it decides is fixed before anybody looks. A
    difference counts where its interval excludes 0, and a lift where its own excludes 1.
    """
    if findings.compared is None:
        return [_too_little(findings)]
    figures, differences = findings.compared.figures, findings.compared.differences
    said = [_against_baselines(figures, differences)]
    lift = figures[SCORE][LIFT]
    interval = f"{lift.value:.1f} ×, {lift.low:.1f} to {lift.high:.1f}"
    if lift.low > 1:
        said.append(
            f"The tenth with the highest scores converted more often than average: {interval}."
        )
    elif lift.high < 1:
        said.append(
            f"The tenth with the highest scores converted less often than average: {interval}."
        )
    else:
        said.append(
            "No lift can be claimed: whether the tenth with the highest scores converts more often"
            f" than average is open ({interval})."
        )
    if findings.are_bands_in_order:
        said.append("A higher band converted at least as often as every lower one.")
    else:
        said.append("The bands are out of order: a higher one converted less often than a lower.")
    return said


def _too_little(findings: Findings) -> str:
    if not findings.weeks:
        return (
            f"Not enough data: the log is shorter than the {HORIZON_DAYS} days in which"
            " conversions are looked for."
        )
    return (
        f"Not enough data: {console.counted(findings.converted_people, 'person', 'people')}"
        f" converted within {HORIZON_DAYS} days"
        f" after a date on which they were looked at; figures need {FEWEST_CONVERSIONS}."
    )


def _against_baselines(
    figures: Mapping[str, Mapping[str, Estimate]],
    differences: Mapping[str, Mapping[str, Estimate]],
) -> str:
    apart = {name: difference[AUC] for name, difference in differences.items()}
    lost = [
        name
        for name, difference in apart.items()
        if difference.high < 0 and figures[name][AUC].low > 0.5
    ]
    beaten = [name for name, difference in apart.items() if difference.low > 0]
    own = figures[SCORE][AUC]
    if lost:
        best = max(lost, key=lambda name: figures[name][AUC].value)
        return (
            f"{_capital(NAMES[best])} alone tells better than the score who converts: AUC"
            f" {figures[best][AUC].value:.2f} against {own.value:.2f}, a difference of"
            f" {_range(apart[best])}."
        )
    if len(beaten) == len(apart) and own.low > 0.5:
        words = " and ".join(
            f"{NAMES[name]} ({_range(difference)})" for name, difference in apart.items()
        )
        return f"The score beats both baselines: AUC {own.value:.2f}, more than {words}."
    if not own.excludes(0.5):
        return (
            f"The score does not tell who converts: AUC {own.value:.2f} ({own.low:.2f} to"
            f" {own.high:.2f}), where 0.50 is chance."
        )
    if own.high < 0.5:
        return (
            f"The score tells who does not convert: AUC {own.value:.2f} ({own.low:.2f} to"
            f" {own.high:.2f}), below the 0.50 of chance."
        )
    open_ones = " and ".join(NAMES[name] for name in apart if name not in beaten)
    also = f"; it beats {NAMES[beaten[0]]}" if beaten else ""
    return (
        f"The score tells who converts (AUC {own.value:.2f}), but whether better than {open_ones}"
        f" is open{also}."
    )


def _range(difference: Estimate) -> str:
    low, high = f"{difference.low:+.2f}", f"{difference.high:+.2f}"
    return f"{low} to {high}".replace("-", MINUS)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
