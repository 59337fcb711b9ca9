"""The charts of a backtest: who is caught by calling the best, and what scores came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from orchestration.backtest.findings import Findings
from orchestration.backtest.measures import (
    AUC,
    CAPTURE_TOP,
    COUNT,
    LIFT,
    RECENCY,
    SCORE,
    TOPS,
    Estimate,
)
from orchestration.backtest.report import RANKING_NAMES
from orchestration.exports.overview.charts import COLOURS, GRID, INK, LAYERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 420, 250
COLOUR_OF = {SCORE: LAYERS[0], RECENCY: LAYERS[1], COUNT: LAYERS[2]}
STYLE_OF = {SCORE: "solid", RECENCY: (0, (6, 2)), COUNT: (0, (2, 1.5))}
"""Lines differ in more than their colour."""
CHANCE = "#1d2330"
CHANCES = {AUC: 0.5, LIFT: 1.0}
MEASURE_WORDS = {AUC: "AUC", LIFT: "Lift of the best tenth"}


def colour_variable(ranking: str) -> str:
    """The ranking's colour in the style sheet."""
    return COLOURS[COLOUR_OF[ranking]]


def captured_chart(findings: Findings) -> Markup:
    """How many of those who converted are among the top part of people, for each ranking."""
    assert findings.compared is not None
    figure, axes = axes_of(left=44)
    axes.plot([0, 100], [0, 100], color=CHANCE, linewidth=1, linestyle=(0, (1, 2)))
    axes.axvline(100 * CAPTURE_TOP, color=GRID, linewidth=1)
    said = []
    for name in (COUNT, RECENCY, SCORE):
        curve = findings.compared.curves[name]
        axes.plot(
            [100 * top for top in TOPS],
            [100 * part for part in curve],
            color=COLOUR_OF[name],
            linewidth=2.4 if name == SCORE else 1.8,
            linestyle=STYLE_OF[name],
        )
        at_top = curve[TOPS.index(CAPTURE_TOP)]
        said.append(f"{100 * at_top:.0f} % by {RANKING_NAMES[name]}")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.set_xticks([0, 20, 40, 60, 80, 100], ["0", "20 %", "40 %", "60 %", "80 %", "100 %"])
    axes.set_yticks([0, 25, 50, 75, 100], ["0", "25 %", "50 %", "75 %", "100 %"])
    _end_within(axes)
    words = ", ".join(reversed(said))
    return svg_of(figure, f"Of those who converted, the best fifth of people holds {words}")


def steps_chart(findings: Findings) -> Markup:
    """What part of the people of each step by score converted."""
    figure, axes = axes_of(left=44)
    rates = [100 * step.rate for step in findings.steps]
    top = max(*rates, 100 * findings.base_rate, 1.0)
    titles = {}
    bars = axes.bar(range(len(rates)), rates, width=0.78, color=LAYERS[0], clip_on=False)
    for place, (bar, step) in enumerate(zip(bars, findings.steps, strict=True)):
        bar.set_gid(f"step-{place}")
        titles[f"step-{place}"] = (
            f"Mean score {step.mean_score:.1f}: {100 * step.rate:.1f} % of {step.row_count:,} rows"
        )
    axes.axhline(100 * findings.base_rate, color=CHANCE, linewidth=1.4, linestyle=(0, (3, 2)))
    axes.set_xlim(-0.6, len(rates) - 0.4)
    axes.set_ylim(0, top * 1.08)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.locator_params(axis="y", nbins=4)
    axes.set_xticks(range(len(rates)), [f"{step.mean_score:.0f}" for step in findings.steps])
    said = ", ".join(f"{step.mean_score:.0f}: {100 * step.rate:.1f} %" for step in findings.steps)
    return svg_of(figure, f"Part that converted, by mean score: {said}", titles)


def measure_chart(findings: Findings, measure: str) -> Markup:
    """A measure of all rankings with their intervals, and a line where chance is."""
    assert findings.compared is not None
    figures = findings.compared.figures
    return estimates_chart(
        {
            RANKING_NAMES[name]: (figures[name][measure], COLOUR_OF[name])
            for name in (COUNT, RECENCY, SCORE)
        },
        MEASURE_WORDS[measure],
        CHANCES[measure],
    )


def estimates_chart(
    found: Mapping[str, tuple[Estimate, str]], said_of: str, chance: float
) -> Markup:
    """Estimates with their intervals, by their names, the lowest line first; each in a colour."""
    figure, axes = axes_of(left=92, height=66 + 22 * len(found), bottom=0.22)
    said, titles = [], {}
    lowest = highest = chance
    for place, (name, (estimated, colour)) in enumerate(found.items()):
        lowest, highest = min(lowest, estimated.low), max(highest, estimated.high)
        [line] = axes.plot(
            [estimated.low, estimated.high], [place, place], color=colour, linewidth=2.4
        )
        # a mark across the line: markers of matplotlib are drawn by reference, which is left out
        [dot] = axes.plot(
            [estimated.value, estimated.value],
            [place - 0.22, place + 0.22],
            color=colour,
            linewidth=4,
        )
        words = f"{name} {estimated.value:.2f} ({estimated.low:.2f} to {estimated.high:.2f})"
        for part, drawn in (("line", line), ("dot", dot)):
            drawn.set_gid(f"{part}-{place}")
            titles[f"{part}-{place}"] = words
        said.append(words)
    axes.axvline(chance, color=CHANCE, linewidth=1.4, linestyle=(0, (3, 2)))
    room = 0.06 * (highest - lowest)
    axes.set_xlim(lowest - room, highest + room)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_yticks(range(len(found)), list(found))
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=GRID, linewidth=1)
    label = f"{said_of}, chance is {chance:g}: {'; '.join(reversed(said))}"
    return svg_of(figure, label, titles)


def axes_of(left: float, height: float = HEIGHT, bottom: float = 0.12) -> tuple[Figure, Axes]:
    from orchestration.exports.overview.svg import figure_of

    figure = figure_of(WIDTH, height)
    axes = figure.add_axes((left / WIDTH, bottom, 1 - (left + 14) / WIDTH, 0.95 - bottom))
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=12.5, labelcolor=INK, pad=5)
    axes.grid(axis="y", color=GRID, linewidth=1, clip_on=False)
    axes.set_axisbelow(True)
    return figure, axes


def _end_within(axes: Axes) -> None:
    """The outer labels end with the axis, and so within the picture."""
    labels = axes.get_xticklabels()
    labels[0].set_horizontalalignment("left")
    labels[-1].set_horizontalalignment("right")


def svg_of(figure: Figure, label: str, titles: dict[str, str] | None = None) -> Markup:
    from orchestration.exports.overview.svg import inline_svg

    return inline_svg(figure, label, titles or {}, COLOURS)
