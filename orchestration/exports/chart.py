"""A chart of days as inline SVG: plain bars with an axis that a person can read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from markupsafe import Markup, escape

HEIGHT = 128
_PLOT_TOP, _PLOT_BOTTOM = 18, 106
_LABEL_Y = HEIGHT - 6


@dataclass(frozen=True)
class Bar:
    """What one day was worth, and what to say of it when it is pointed at."""

    day: date
    points: float
    words: str


def bars(found: Sequence[Bar], first_day: date, last_day: date) -> Markup:
    """The chart of the days from `first_day` to `last_day`; those that `found` lacks are empty.

    Places along the axis are percentages and sizes of letters are pixels, so that the labels stay
    readable however wide the page is.
    """
    day_count = (last_day - first_day).days + 1
    top = round_top(max((bar.points for bar in found), default=0))
    parts = [
        f'<svg class="chart" width="100%" height="{HEIGHT}" role="img" aria-label="Points of each'
        f' day from {escape(day_words(first_day))} to {escape(day_words(last_day))}">'
    ]
    for share, label in ((1, f"{top:,g} points"), (0.5, f"{top / 2:,g}"), (0, "")):
        parts.append(_grid_line(share, label))
    parts += [
        _bar(bar, first_day, day_count, top) for bar in found if first_day <= bar.day <= last_day
    ]
    for share, anchor in ((0, "start"), (1 / 3, "middle"), (2 / 3, "middle"), (1, "end")):
        day = first_day + timedelta(days=round(share * (day_count - 1)))
        parts.append(
            f'<text x="{100 * share:.2f}%" y="{_LABEL_Y}" text-anchor="{anchor}">'
            f"{escape(day_words(day))}</text>"
        )
    parts.append("</svg>")
    return Markup("".join(parts))


def round_top(highest: float) -> float:
    """The end of the axis: 1, 2 or 5 times a power of ten, not below `highest`; 10 at least."""
    if highest <= 10:
        return 10
    power = 10 ** math.floor(math.log10(highest))
    return next(float(step * power) for step in (1, 2, 5, 10) if step * power >= highest)


@lru_cache
def day_words(day: date) -> str:
    """A day as it stands on the axis: 28 Jun."""
    return f"{day.day} {day:%b}"


def _grid_line(share: float, label: str) -> str:
    y = _PLOT_BOTTOM - share * (_PLOT_BOTTOM - _PLOT_TOP)
    return (
        f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="0" y="{y - 4:.1f}">{escape(label)}</text>'
    )


def _bar(bar: Bar, first_day: date, day_count: int, top: float) -> str:
    height = max(bar.points / top * (_PLOT_BOTTOM - _PLOT_TOP), 1.5)
    width = 100 / day_count
    x = (bar.day - first_day).days * width + width * 0.1
    return (
        f'<rect class="bar" x="{x:.3f}%" width="{width * 0.8:.3f}%"'
        f' y="{_PLOT_BOTTOM - height:.1f}" height="{height:.1f}">'
        f"<title>{escape(bar.words)}</title></rect>"
    )
