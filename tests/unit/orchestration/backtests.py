"""Frames made by hand, for tests of what is measured on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from orchestration.backtest.frames import Frames

BANDS = ("hot", "warm", "cool", "cold")


@dataclass(frozen=True)
class Seen:
    """A person on a date: what they score, and after how many days they convert (0: not)."""

    person: int
    score: float
    converts_after: int = 0
    day: int = 100
    idle_days: int = 0
    event_count: int = 1


def frames_of(rows: Iterable[Seen]) -> Frames:
    """The rows as frames; bands follow from scores as they do by default."""
    seen = list(rows)
    score = np.array([row.score for row in seen], np.float64)
    person = np.array([row.person for row in seen], np.int64)
    return Frames(
        day=np.array([row.day for row in seen], np.int64),
        node=person,
        cluster=person,
        score=score,
        points=score,
        band=np.array([_band(row.score) for row in seen], np.int64),
        idle_days=np.array([row.idle_days for row in seen], np.int64),
        event_count=np.array([row.event_count for row in seen], np.int64),
        days_to_conversion=np.array([row.converts_after for row in seen], np.int64),
    )


def _band(score: float) -> int:
    return next(place for place, lowest in enumerate((70, 40, 15, 0)) if score >= lowest)


def drawn(
    people: int, seed: int, converts: Sequence[float], weeks: int = 4, noise: float = 1.0
) -> Frames:
    """People over some weeks: `converts` weighs how score, recency and count bear on converting."""
    lot = np.random.Generator(np.random.PCG64(seed))
    score, recency, count = (lot.normal(size=people) for _ in range(3))
    wish = sum(
        weight * trait for weight, trait in zip(converts, (score, recency, count), strict=True)
    )
    rows = []
    for week in range(weeks):
        asks = wish + noise * lot.logistic(size=people) > 2.5
        rows.extend(
            Seen(
                person=one,
                score=float(np.clip(30 + 20 * score[one], 0, 99)),
                converts_after=int(asks[one]) * (1 + one % 30),
                day=100 + 7 * week,
                idle_days=int(np.clip(30 - 10 * recency[one], 0, 90)),
                event_count=int(np.clip(20 + 8 * count[one], 1, 99)),
            )
            for one in range(people)
        )
    return frames_of(rows)
