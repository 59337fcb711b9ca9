"""The overview as a page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from ingestion.rejection_reasons import reason_of
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.files import copy_to_latest, write_file
from orchestration.exports.overview import charts
from orchestration.exports.overview.figures import MOVES_SHOWN, Figure, Overview, read_overview
from orchestration.exports.overview.words import FILTERS
from orchestration.exports.pages import TEMPLATES, environment
from orchestration.refreshing.summary import first_reasons

KIND = "overview"

READY_BANDS = ("hot", "warm", "cool")
"""Bands that are counted on the page; most people are cold."""

STEPS = (
    ("people", "visited"),
    ("engaged_people", "looked around (an engaged session)"),
    ("identified_people", "said who they are"),
    ("ready_people", "are hot or warm now"),
    ("converted_people", "converted"),
)
"""The funnel: figure, and what those did that it counts."""

EXCLUSIONS = {
    "bot": "programs, by their user agent",
    "bot_behaviour": "programs, by what they do",
    "link_scanner": "mail filters that follow links",
    "referrer_spam": "spam in the referrer",
    "internal": "our own people and networks",
    "disposable": "throw-away addresses",
    "consent_denied": "tracking denied",
    "no_identifier": "no identifier",
}


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    name: str
    figure: Figure
    since: str
    is_more_good: bool | None
    """None where a rise is neither good nor bad."""

    @property
    def mood(self) -> str:
        """good, bad or even: the class of its change."""
        if self.is_more_good is None or not self.figure.change:
            return "even"
        return "good" if (self.figure.change > 0) is self.is_more_good else "bad"


@dataclass(frozen=True)
class Row:
    """A line of a table: what, and how much of it."""

    name: str
    figure: Figure


def export_overview(settings: Settings) -> tuple[Path, int]:
    """Writes `overview_<as of>.html` in exports/, and the same in exports/latest/.

    Reads the published file alone. Returns the dated path and the number of headlines.
    """
    charts.prepare(settings)
    with published(settings) as connection:
        overview = read_overview(connection)
    path = settings.exports / f"{KIND}_{overview.as_of.isoformat()}.html"
    text = overview_page(overview, settings.timezone)
    write_file(path, text.encode("utf-8"))
    copy_to_latest(path, KIND)
    return path, len(overview.headlines)


def overview_page(overview: Overview, zone_name: str) -> str:
    """The overview as HTML."""
    return (
        pages(zone_name)
        .get_template("overview.html.j2")
        .render(
            overview=overview,
            tiles=tiles(overview),
            sessions_chart=charts.sessions_chart(overview),
            layers=charts.session_layers(overview),
            people_chart=charts.people_chart(overview),
            channels=channels(overview),
            steps=[Row(words, overview.figure(name)) for name, words in STEPS],
            bands=READY_BANDS,
            moves_shown=MOVES_SHOWN,
            exclusions=exclusions(overview),
            refused=[
                (reason_of(each.reason_code).meaning, each.record_count)
                for each in overview.refused
            ],
            zone_name=zone_name,
        )
    )


@cache
def pages(zone_name: str) -> Environment:
    """The templates, with the filters of the overview."""
    found = environment(ZoneInfo(zone_name))
    found.filters |= FILTERS | {"first_reasons": first_reasons}
    found.globals["overview_css"] = Markup((TEMPLATES / "overview.css").read_text(encoding="utf-8"))
    return found


def tiles(overview: Overview) -> Sequence[Tile]:
    """The figures that say most; what ads cost only where there were any."""
    found = [
        Tile(noun, overview.figure(name), since, True)
        for name, noun, since in (
            ("sessions", "Sessions", "before"),
            ("people", "People", "before"),
            ("conversions", "Conversions", "before"),
            ("ready_accounts", "Hot or warm accounts", "a week ago"),
            ("ready_identified_people", "Hot or warm people", "a week ago"),
        )
    ]
    cost = overview.figure("cost")
    if cost.largest:
        name = ", ".join(filter(None, ("Ads cost", overview.reporting_currency)))
        found.append(Tile(name, cost, "before", None))
    return found


def channels(overview: Overview) -> Sequence[tuple[str, Figure, Figure]]:
    """Channels with sessions and people, the largest first."""
    people = overview.figures.get("channel_people", {})
    return [
        (channel, figure, people.get(channel, Figure()))
        for channel, figure in overview.figures.get("channel_sessions", {}).items()
    ]


def exclusions(overview: Overview) -> Sequence[Row]:
    """Events that no score counts, by reason."""
    return [
        Row(EXCLUSIONS.get(reason, reason), figure)
        for reason, figure in overview.figures.get("excluded_events", {}).items()
        if figure.current
    ]
