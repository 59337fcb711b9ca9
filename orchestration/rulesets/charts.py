"""The chart of a comparison: each score before and by other rules, off the line where it moves."""

from __future__ import annotations

import math

from markupsafe import Markup

from orchestration.exports.overview.charts import COLOURS, GRID, INK, LAYERS
from orchestration.rulesets.comparison import SQUARE, Comparison, Moves, Square

SIDE, LEFT, BOTTOM, ROOM = 420, 34, 26, 10
"""In pixels: of the whole picture, and of what lies around the axes."""
HOTTER, COLDER, SAME = "#17663a", "#9c2f10", LAYERS[0]
_NAMES = {**COLOURS, HOTTER: "--good", COLDER: "--bad"}
_WAYS = {1: (HOTTER, "into a hotter band"), -1: (COLDER, "into a colder band"),
         0: (SAME, "in the same band")}  # fmt: skip
_LARGEST = 0.47 * SQUARE


def moves_chart(comparison: Comparison, moves: Moves, noun: str) -> Markup:
    """A disc for each square of SQUARE points by SQUARE points, larger where more lie in it."""
    from matplotlib.patches import Circle

    from orchestration.exports.overview.svg import figure_of, inline_svg

    figure = figure_of(SIDE, SIDE)
    axes = figure.add_axes(
        (LEFT / SIDE, BOTTOM / SIDE, (SIDE - LEFT - ROOM) / SIDE, (SIDE - BOTTOM - ROOM) / SIDE)
    )
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=12.5, labelcolor=INK, pad=4)
    for limit in comparison.limits_before:
        axes.axvline(limit, color=GRID, linewidth=1)
    for limit in comparison.limits_after:
        axes.axhline(limit, color=GRID, linewidth=1)
    axes.plot([0, 100], [0, 100], color=INK, linewidth=1, linestyle=(0, (1, 2)))
    titles = {}
    # who changes the band is drawn over who does not
    for place, square in enumerate(sorted(moves.squares, key=lambda each: abs(each.way))):
        colour, words = _WAYS[square.way]
        disc = Circle(_centre(square), radius(square.count), facecolor=colour, alpha=0.85,
                      linewidth=0)  # fmt: skip
        disc.set_gid(f"disc-{place}")
        titles[f"disc-{place}"] = (
            f"{square.count:,} with {square.before} to {square.before + SQUARE} before and"
            f" {square.after} to {square.after + SQUARE} after, {words}"
        )
        axes.add_patch(disc)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    ticks = [0, 20, 40, 60, 80, 100]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    # the last label ends with the axis, and so within the picture
    axes.get_xticklabels()[-1].set_horizontalalignment("right")
    label = (
        f"Scores of {moves.total:,} {noun} before (across) and by the other rules (up):"
        f" {len(moves.movers):,} move, {moves.band_changes:,} into another band"
    )
    return inline_svg(figure, label, titles, _NAMES)


def radius(count: int) -> float:
    """In points of the score: one is seen, and a hundred thousand stay within their square."""
    return min(0.7 + 0.3 * math.log10(count), _LARGEST)


def _centre(square: Square) -> tuple[float, float]:
    highest = 100 - SQUARE / 2
    return min(square.before + SQUARE / 2, highest), min(square.after + SQUARE / 2, highest)
