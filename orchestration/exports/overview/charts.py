"""The charts of the overview: days of two periods, one over the other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup

from ingestion.settings import Settings
from orchestration.exports.chart import day_words
from orchestration.exports.overview.figures import ChannelDay, Overview, Period
from orchestration.exports.texts import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 420, 220
"""In pixels: about the width of a phone, so that letters are no smaller there than here."""

CHANNELS_DRAWN = 4
"""Those with most sessions; the others are one layer."""
OTHERS = "Others"

INK, GRID, BEFORE = "#5b6475", "#dfe3ea", "#1d2330"
LAYERS = ("#3a6ea5", "#d98a2b", "#3f9c6b", "#8a63b8")
OTHER_LAYER = "#a9b1be"
COLOURS = {
    INK: "--soft",
    GRID: "--line",
    BEFORE: "--ink",
    **{colour: f"--layer-{place}" for place, colour in enumerate(LAYERS, 1)},
    OTHER_LAYER: "--layer-other",
}
"""What each colour is called in overview.css, which has another for it in the dark."""


@dataclass(frozen=True)
class Layer:
    """A channel, or all that are not drawn by themselves: its sessions day by day."""

    name: str
    colour: str
    counts: Sequence[int]

    @property
    def variable(self) -> str:
        """Its colour in the style sheet."""
        return COLOURS[self.colour]


@dataclass(frozen=True)
class Days:
    """Counts of each day of both periods, days without any as 0."""

    recent: Period
    counts: Sequence[int]
    counts_before: Sequence[int]

    @property
    def is_empty(self) -> bool:
        return not any(self.counts) and not any(self.counts_before)

    def words(self, place: int, one: str, many: str) -> str:
        """What to say of a day: Tue 30 Jun: 612 sessions in all, 540 28 days before."""
        day = self.recent.first + timedelta(days=place)
        now = self.counts[place]
        before = f"{self.counts_before[place]:,} {self.recent.day_count} days before"
        return f"{day:%a} {day_words(day)}: {now:,} {one if now == 1 else many}, {before}"


def prepare(settings: Settings) -> None:
    """Has matplotlib keep its list of fonts in the data directory; to be called before it loads."""
    os.environ.setdefault("MPLCONFIGDIR", str(settings.data_dir / "cache" / "matplotlib"))
    settings.make_folder(settings.data_dir / "cache" / "matplotlib")


def session_layers(overview: Overview) -> list[Layer]:
    """The layers of the chart of sessions, the largest first, the others last."""
    totals: Counter[str] = Counter()
    for each in _within(overview.days, overview.recent):
        totals[each.channel] += each.session_count
    ranked = sorted(totals, key=lambda channel: (-totals[channel], channel))
    drawn = ranked[:CHANNELS_DRAWN]
    layers = [
        Layer(channel, colour, _by_day(overview, overview.recent, "session_count", {channel}))
        for channel, colour in zip(drawn, LAYERS, strict=False)
    ]
    if others := set(ranked[CHANNELS_DRAWN:]):
        counts = _by_day(overview, overview.recent, "session_count", others)
        layers.append(Layer(OTHERS, OTHER_LAYER, counts))
    return layers


def days_of(overview: Overview, column: str) -> Days:
    """Counts of `session_count` or `people_count` over all channels."""
    return Days(
        overview.recent,
        _by_day(overview, overview.recent, column),
        _by_day(overview, overview.before, column),
    )


def sessions_chart(overview: Overview) -> Markup | None:
    """Sessions a day by channel, and a line for the period before; None where there are none."""
    days = days_of(overview, "session_count")
    if days.is_empty:
        return None
    figure, titles = draw_sessions(days, session_layers(overview))
    return _svg(figure, _label("Sessions", days), titles)


def people_chart(overview: Overview) -> Markup | None:
    """People a day, and a line for the period before; None where there are none."""
    days = days_of(overview, "people_count")
    if days.is_empty:
        return None
    figure, titles = draw_people(days)
    return _svg(figure, _label("People", days), titles)


def sessions_png(overview: Overview) -> bytes | None:
    """The chart of sessions as a picture; None where there are none."""
    from orchestration.exports.overview.svg import png

    days = days_of(overview, "session_count")
    if days.is_empty:
        return None
    return png(draw_sessions(days, session_layers(overview))[0])


def draw_sessions(days: Days, layers: Sequence[Layer]) -> tuple[Figure, dict[str, str]]:
    """The figure, and what to say of its bars."""
    figure, axes = _axes(days)
    titles: dict[str, str] = {}
    bottoms = [0] * len(days.counts)
    for number, layer in enumerate(layers):
        places = [place for place, count in enumerate(layer.counts) if count]
        bars = axes.bar(
            places,
            [layer.counts[place] for place in places],
            bottom=[bottoms[place] for place in places],
            width=0.78,
            color=layer.colour,
            clip_on=False,
        )
        for place, bar in zip(places, bars, strict=True):
            gid = f"bar-{number}-{place}"
            bar.set_gid(gid)
            words = days.words(place, "session in all", "sessions in all")
            titles[gid] = readable(f"{layer.name} {layer.counts[place]:,}. {words}")
            bottoms[place] += layer.counts[place]
    _draw_before(axes, days)
    return figure, titles


def draw_people(days: Days) -> tuple[Figure, dict[str, str]]:
    """The figure, and what to say of its bars."""
    figure, axes = _axes(days)
    titles: dict[str, str] = {}
    bars = axes.bar(
        range(len(days.counts)), days.counts, width=0.78, color=LAYERS[0], clip_on=False
    )
    for place, bar in enumerate(bars):
        bar.set_gid(f"bar-{place}")
        titles[f"bar-{place}"] = days.words(place, "person", "people")
    _draw_before(axes, days)
    return figure, titles


def _axes(days: Days):  # type: ignore[no-untyped-def]
    """A figure with axes from 0 to a little above the highest day."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from orchestration.exports.overview.svg import figure_of

    figure = figure_of(WIDTH, HEIGHT)
    top = max(*days.counts, *days.counts_before, 4)
    left = 15 + 7 * len(f"{top:,}")
    axes = figure.add_axes((left / WIDTH, 0.12, 1 - (left + 4) / WIDTH, 0.83))
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    last = len(days.counts) - 1
    axes.set_xlim(-0.6, last + 0.6)
    axes.set_ylim(0, top * 1.04)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    places = [*range(0, last - 3, 7), last]
    labels = [day_words(days.recent.first + timedelta(days=place)) for place in places]
    axes.set_xticks(places, labels)
    # the outer ones end with the bars, and so within the picture
    drawn = axes.get_xticklabels()
    drawn[-1].set_horizontalalignment("right")
    drawn[0].set_horizontalalignment("left")
    axes.tick_params(length=0, labelsize=12.5, labelcolor=INK, pad=5)
    axes.grid(axis="y", color=GRID, linewidth=1, clip_on=False)
    axes.set_axisbelow(True)
    return figure, axes


def _draw_before(axes, days: Days) -> None:  # type: ignore[no-untyped-def]
    axes.plot(
        range(len(days.counts_before)),
        days.counts_before,
        color=BEFORE,
        linewidth=1.6,
        linestyle=(0, (3, 2)),
        clip_on=False,
    )


def _svg(figure: Figure, label: str, titles: dict[str, str]) -> Markup:
    from orchestration.exports.overview.svg import inline_svg

    return inline_svg(figure, label, titles, COLOURS)


def _label(noun: str, days: Days) -> str:
    highest = max(days.counts)
    when = day_words(days.recent.first + timedelta(days=list(days.counts).index(highest)))
    first, last = day_words(days.recent.first), day_words(days.recent.last)
    return (
        f"{noun} of each day from {first} to {last}: {sum(days.counts):,} over all days,"
        f" most on {when} ({highest:,}); the line is of the days before"
    )


def _by_day(
    overview: Overview, period: Period, column: str, channels: set[str] | None = None
) -> list[int]:
    counts = [0] * period.day_count
    for each in _within(overview.days, period):
        if channels is None or each.channel in channels:
            counts[_place(each.visit_date, period)] += getattr(each, column)
    return counts


def _within(days: Sequence[ChannelDay], period: Period) -> Iterator[ChannelDay]:
    return (each for each in days if period.first <= each.visit_date <= period.last)


def _place(day: date, period: Period) -> int:
    return (day - period.first).days
