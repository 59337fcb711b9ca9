"""A gauge of three quarters of a circle: where its arc and its mark lie in an SVG."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

FIRST_ANGLE = 135
ANGLES = 270
RADIUS = 80
HALF_A_MARK = 13
LABEL_RADIUS = 106


@dataclass(frozen=True)
class Mark:
    """A line across the arc, and where its number stands."""

    x1: float
    y1: float
    x2: float
    y2: float
    label_x: float
    label_y: float


def arc(share: int) -> str:
    """The path from the gauge's start to `share` percent; empty for 0."""
    if share <= 0:
        return ""
    share = min(share, 100)
    start, end = _point(0, RADIUS), _point(share, RADIUS)
    is_large = int(ANGLES * share / 100 > 180)
    return f"M {start[0]} {start[1]} A {RADIUS} {RADIUS} 0 {is_large} 1 {end[0]} {end[1]}"


def mark(share: int) -> Mark:
    """The mark at `share` percent."""
    return Mark(
        *_point(share, RADIUS - HALF_A_MARK),
        *_point(share, RADIUS + HALF_A_MARK),
        *_point(share, LABEL_RADIUS),
    )


def _point(share: int, radius: float) -> tuple[float, float]:
    angle = radians(FIRST_ANGLE + ANGLES * share / 100)
    # adding 0.0 turns the -0.0 that rounding leaves into 0.0
    return round(radius * cos(angle), 2) + 0.0, round(radius * sin(angle), 2) + 0.0
