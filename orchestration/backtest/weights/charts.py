"""The charts of a suggestion: how the rankings do on later dates, and what changes of each rule."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from orchestration.backtest.charts import (
    CHANCE,
    CHANCES,
    MEASURE_WORDS,
    axes_of,
    estimates_chart,
    svg_of,
)
from orchestration.backtest.measures import COUNT, RECENCY, Contest
from orchestration.backtest.weights.findings import RuleFound
from orchestration.backtest.weights.suggestion import SUGGESTED, TODAY
from orchestration.exports.overview.charts import GRID, INK, LAYERS

NAMES = {COUNT: "event count", RECENCY: "recency", TODAY: "today's", SUGGESTED: "fitted"}
COLOUR_OF = {COUNT: LAYERS[2], RECENCY: LAYERS[1], TODAY: INK, SUGGESTED: LAYERS[0]}
_ROW = 21
_TICKS = (0.125, 0.25, 0.5, 1, 2, 4, 8)
_LOWEST = 0.05
"""What is less is drawn there: the axis is one of factors."""


def rankings_chart(contest: Contest, measure: str) -> Markup:
    """A measure of all rankings on the dates held out, with intervals."""
    return estimates_chart(
        {NAMES[name]: (contest.figures[name][measure], COLOUR_OF[name]) for name in NAMES},
        MEASURE_WORDS[measure],
        CHANCES[measure],
    )


def weights_chart(rules: Sequence[RuleFound]) -> Markup | None:
    """Of each rule fitted by what its weight is multiplied, before rounding; None without one."""
    drawn = [rule for rule in rules if rule.weight is not None and rule.today.weight > 0][::-1]
    if not drawn:
        return None
    height = 34 + _ROW * len(drawn)
    figure, axes = axes_of(left=128, height=height, bottom=26 / height)
    axes.set_xscale("log")
    said, titles = [], {}
    lowest, highest = 0.5, 2.0
    for place, rule in enumerate(drawn):
        assert rule.weight is not None
        value, low, high = (
            max(each / rule.today.weight, _LOWEST)
            for each in (rule.weight.value, rule.weight.low, rule.weight.high)
        )
        lowest, highest = min(lowest, low), max(highest, high)
        [line] = axes.plot([low, high], [place, place], color=LAYERS[0], linewidth=2.4)
        [mark] = axes.plot(
            [value, value], [place - 0.26, place + 0.26], color=LAYERS[0], linewidth=4
        )
        words = f"{rule.rule_id} × {value:.2f} ({low:.2f} to {high:.2f})"
        for part, shape in (("weight", line), ("mark", mark)):
            shape.set_gid(f"{part}-{place}")
            titles[f"{part}-{place}"] = words
        said.append(words)
    axes.axvline(1, color=CHANCE, linewidth=1.4, linestyle=(0, (3, 2)))
    axes.set_xlim(lowest / 1.08, highest * 1.08)
    axes.set_ylim(-0.6, len(drawn) - 0.4)
    axes.set_yticks(range(len(drawn)), [rule.rule_id for rule in drawn])
    ticks = [tick for tick in _TICKS if lowest <= tick <= highest]
    axes.set_xticks(ticks, [f"× {tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=GRID, linewidth=1)
    label = f"By what weights are multiplied, today's being 1: {'; '.join(reversed(said))}"
    return svg_of(figure, label, titles)
