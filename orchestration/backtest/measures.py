"""How well a ranking of people tells who converts, and how sure that is.

Every measure is taken within each date and put together over the dates, so that a week in which
many convert makes no ranking look good. Ties share their place: of people ranked alike each has the
same part in the top. How often a person counts is what the bootstrap varies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from orchestration.backtest.frames import Frames
from orchestration.backtest.history import Flags, Floats, Ints, summed

SCORE, RECENCY, COUNT = "score", "recency", "event_count"
RANKINGS = (SCORE, RECENCY, COUNT)
"""The score, and the baselines that it has to beat."""
LIFT, CAPTURE, AUC = "lift", "capture", "auc"
MEASURES = (LIFT, CAPTURE, AUC)
LIFT_TOP, CAPTURE_TOP = 0.10, 0.20
TOPS = tuple(percent / 100 for percent in range(0, 101, 2))
DRAWS, SEED = 400, 20
"""Draws of the bootstrap, and the seed of their lot."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval."""

    value: float
    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Whether the interval lies on one side of `value`."""
        return self.low > value or self.high < value


@dataclass(frozen=True)
class Compared:
    """Each ranking's measures, and the score's less each baseline's: by ranking and measure."""

    figures: Mapping[str, Mapping[str, Estimate]]
    differences: Mapping[str, Mapping[str, Estimate]]
    curves: Mapping[str, Sequence[float]]
    """By ranking the part of the converted among the top 0, 2, 4 … 100 percent."""
    band_rates: Sequence[Estimate | None]
    """Of each band what part of its rows converted, the highest band first; None without a row."""


class Ranking:
    """Rows put in order, date by date, the most promising first."""

    def __init__(self, day: Ints, value: Floats, converted: Flags, person: Ints) -> None:
        """value: the higher, the more promising. person: a number from 0 up."""
        order = np.lexsort((-value, day))
        days, values = day[order], value[order]
        changes = np.flatnonzero((np.diff(days) != 0) | (np.diff(values) != 0)) + 1
        self._ties = np.concatenate(([0], changes)).astype(np.int64)
        dates = days[self._ties]
        self._dates = np.concatenate(([0], np.flatnonzero(np.diff(dates)) + 1)).astype(np.int64)
        self._sizes = np.diff(np.append(self._dates, len(self._ties)))
        self._person = person[order]
        # those who converted are few: only they are counted one by one
        hit = np.flatnonzero(converted[order])
        self._hit_person = self._person[hit]
        self._hit_tie = np.searchsorted(self._ties, hit, side="right") - 1

    def measures(self, times: Floats) -> Floats:
        """Lift, capture and AUC, in the order of MEASURES; times: how often each person counts."""
        rows, hits = self._counted(times)
        rows_of_date = np.add.reduceat(rows, self._dates)
        hits_of_date = np.add.reduceat(hits, self._dates)
        total_rows, total_hits = rows_of_date.sum(), hits_of_date.sum()
        if not total_hits or total_hits == total_rows:
            return np.full(len(MEASURES), np.nan)
        rows_above = self._before(rows, rows_of_date)
        lifted = self._within(rows, hits, rows_above, rows_of_date, LIFT_TOP) / total_hits
        captured = self._within(rows, hits, rows_above, rows_of_date, CAPTURE_TOP) / total_hits
        misses = rows - hits
        hits_above = self._before(hits, hits_of_date)
        # a converted person goes before those who did not convert and are ranked lower; ties half
        won = np.sum(misses * (hits_above + hits / 2))
        pairs = np.sum(hits_of_date * (rows_of_date - hits_of_date))
        return np.array([lifted / LIFT_TOP, captured, won / pairs if pairs else np.nan])

    def captured(self, tops: Sequence[float]) -> list[float]:
        """What part of the converted stands in each of these top parts of the dates."""
        rows, hits = self._counted(np.ones(int(self._person.max()) + 1))
        of_date = np.add.reduceat(rows, self._dates)
        above = self._before(rows, of_date)
        return [self._within(rows, hits, above, of_date, top) / float(hits.sum()) for top in tops]

    def _counted(self, times: Floats) -> tuple[Floats, Floats]:
        """Of each tie the rows, and those of them that converted."""
        rows: Floats = np.add.reduceat(times[self._person], self._ties)
        return rows, summed(self._hit_tie, times[self._hit_person], len(self._ties))

    def _before(self, amounts: Floats, of_date: Floats) -> Floats:
        """Of each tie what stands above it on its date."""
        above = np.cumsum(amounts) - amounts
        before: Floats = above - np.repeat(np.cumsum(of_date) - of_date, self._sizes)
        return before

    def _within(
        self, rows: Floats, hits: Floats, above: Floats, of_date: Floats, top: float
    ) -> float:
        """The converted in the top part of each date; a tie that it cuts counts in part."""
        room = np.repeat(top * of_date, self._sizes) - above
        part = np.clip(room / np.where(rows > 0, rows, 1.0), 0.0, 1.0)
        return float(np.sum(hits * part))


def promising(frames: Frames, ranking: str) -> Floats:
    """What a ranking goes by: the higher, the more promising."""
    if ranking == SCORE:
        return frames.points
    if ranking == RECENCY:
        return -frames.idle_days.astype(np.float64)
    return frames.event_count.astype(np.float64)


@dataclass(frozen=True)
class Contest:
    """Each ranking's measures, and those of one of them less each other's."""

    figures: Mapping[str, Mapping[str, Estimate]]
    differences: Mapping[str, Mapping[str, Estimate]]


def compare(frames: Frames, bands: int, draws: int = DRAWS, seed: int = SEED) -> Compared:
    """All measures of all rankings, with their intervals. bands: how many bands there are."""
    found = contest(frames, {name: promising(frames, name) for name in RANKINGS}, draws, seed)
    people, person = np.unique(frames.cluster, return_inverse=True)
    # of each person the rows and the conversions in each band
    in_bands = np.zeros((len(people), 2 * bands))
    np.add.at(in_bands, (person, frames.band), 1.0)
    np.add.at(in_bands, (person, bands + frames.band), frames.converted.astype(np.float64))

    def rates_of(times: Floats) -> Floats:
        sums = times @ in_bands
        with np.errstate(invalid="ignore", divide="ignore"):
            rates: Floats = sums[bands:] / sums[:bands]
        return rates

    point = rates_of(np.ones(len(people)))
    drawn = np.stack([rates_of(times) for times in drawn_people(len(people), draws, seed)])
    everybody = np.arange(len(frames))
    return Compared(
        figures=found.figures,
        differences=found.differences,
        curves={
            name: Ranking(
                frames.day, promising(frames, name), frames.converted, everybody
            ).captured(TOPS)
            for name in RANKINGS
        },
        band_rates=[
            None if np.isnan(point[band]) else estimate(point[band], drawn[:, band])
            for band in range(bands)
        ],
    )


def contest(
    frames: Frames, values: Mapping[str, Floats], draws: int = DRAWS, seed: int = SEED
) -> Contest:
    """All measures of rankings by `values`, with percentile intervals of a bootstrap by person.

    A person is drawn with all their rows, since the same person stands in the frames of several
    weeks (the cluster bootstrap; Field and Welsh 2007). The rankings are measured on the same
    draws, so the interval of a difference is one of pairs: the first ranking's less another's.
    """
    people, person = np.unique(frames.cluster, return_inverse=True)
    rankings = [Ranking(frames.day, value, frames.converted, person) for value in values.values()]

    def measured(times: Floats) -> Floats:
        return np.stack([ranking.measures(times) for ranking in rankings])

    point = measured(np.ones(len(people)))
    drawn = np.stack([measured(times) for times in drawn_people(len(people), draws, seed)])

    def estimates(value: Floats, drawn: Floats) -> Mapping[str, Estimate]:
        return {
            measure: estimate(value[which], drawn[:, which])
            for which, measure in enumerate(MEASURES)
        }

    return Contest(
        figures={name: estimates(point[at], drawn[:, at]) for at, name in enumerate(values)},
        differences={
            name: estimates(point[0] - point[at], drawn[:, 0] - drawn[:, at])
            for at, name in enumerate(values)
            if at > 0
        },
    )


def drawn_people(people: int, draws: int = DRAWS, seed: int = SEED) -> Iterator[Floats]:
    """The draws of a bootstrap: how often each of `people` people counts, as many in all."""
    lot = np.random.Generator(np.random.PCG64(seed))
    for _ in range(draws):
        chosen = lot.integers(people, size=people)
        yield np.bincount(chosen, minlength=people).astype(np.float64)


def estimate(value: float, drawn: Floats) -> Estimate:
    """A figure with the percentile interval of what it was on the draws."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


@dataclass(frozen=True)
class Step:
    """A tenth of the rows by score, ties kept together; `rate` says what part converted."""

    row_count: int
    mean_score: float
    rate: float


def steps_of(frames: Frames, steps: int = 10) -> list[Step]:
    """The rows of all dates in steps by score, the lowest first; one score is in one step."""
    _, tie, sizes = np.unique(frames.score, return_inverse=True, return_counts=True)
    middle = (np.cumsum(sizes) - sizes / 2) / len(frames)
    step = np.minimum((middle * steps).astype(np.int64), steps - 1)[tie]
    found = []
    for number in np.unique(step).tolist():
        own = step == number
        found.append(
            Step(
                row_count=int(own.sum()),
                mean_score=float(frames.score[own].mean()),
                rate=float(frames.converted[own].mean()),
            )
        )
    return found
