"""Measuring on a machine that has other things to do: in turns, several times, the least counts.

What else runs can only make a measurement longer, so the least of several is nearest to the work
itself; and taken in turns, a busy minute meets all that is compared.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Work = Callable[[Path], float]
"""Does the work once in an empty folder, which is gone afterwards; returns the seconds it took."""


def least(works: dict[str, Work], rounds: int, folder: Path) -> dict[str, float]:
    """Each work's least seconds of `rounds`, done in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            with _empty(folder / "round") as place:
                seconds[name].append(work(place))
    return {name: min(measured) for name, measured in seconds.items()}


def timed(work: Callable[[], object]) -> float:
    """Seconds of the wall clock that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _empty(place: Path) -> Iterator[Path]:
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place)
