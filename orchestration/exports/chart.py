"""A chart of days as inline SVG: plain bars with an axis that a person can read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

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
        Markup(
            '<svg class="chart" width="100%" height="{height}" role="img"'
            ' aria-label="Points of each day from {first} to {last}">'
        ).format(height=HEIGHT, first=day_words(first_day), last=day_words(last_day))
    ]
    for share, label in ((1, f"{top:,g} points"), (0.5, f"{top / 2:,g}"), (0, "")):
        parts.append(_grid_line(share, label))
    parts += [
        _bar(bar, first_day, day_count, top) for bar in found if first_day <= bar.day <= last_day
    ]
    for share, anchor in ((0, "start"), (1 / 3, "middle"), (2 / 3, "middle"), (1, "end")):
        day = first_day + timedelta(days=round(share * (day_count - 1)))
        parts.append(
            Markup('<text x="{x}%" y="{y}" text-anchor="{anchor}">{label}</text>').format(
                x=f"{100 * share:.2f}", y=_LABEL_Y, anchor=anchor, label=day_words(day)
            )
        )
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def round_top(highest: float) -> float:
    """The end of the axis: 1, 2 or 5 times a power of ten, not below `highest`; 10 at least."""
    if highest <= 10:
        return 10
    power = 10 ** math.floor(math.log10(highest))
    return next(float(step * power) for step in (1, 2, 5, 10) if step * power >= highest)


def day_words(day: date) -> str:
    """A day as it stands on the axis: 28 Jun."""
    return f"{day.day} {day:%b}"


def _grid_line(share: float, label: str) -> Markup:
    y = _PLOT_BOTTOM - share * (_PLOT_BOTTOM - _PLOT_TOP)
    return Markup(
        '<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        '<text x="0" y="{label_y}">{label}</text>'
    ).format(y=f"{y:.1f}", label_y=f"{y - 4:.1f}", label=label)


def _bar(bar: Bar, first_day: date, day_count: int, top: float) -> Markup:
    height = max(bar.points / top * (_PLOT_BOTTOM - _PLOT_TOP), 1.5)
    width = 100 / day_count
    return Markup(
        '<rect class="bar" x="{x}%" width="{width}%" y="{y}" height="{height}">'
        "<title>{words}</title></rect>"
    ).format(
        x=f"{(bar.day - first_day).days * width + width * 0.1:.3f}",
        width=f"{width * 0.8:.3f}",
        y=f"{_PLOT_BOTTOM - height:.1f}",
        height=f"{height:.1f}",
        words=bar.words,
    )
