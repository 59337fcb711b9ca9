"""How pages are made of templates: all text is escaped, and a missing name is an error."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.exports.cells import local
from orchestration.exports.columns import BANDS
from orchestration.exports.texts import readable

TEMPLATES = Path(__file__).with_name("templates")


def environment(zone: ZoneInfo) -> Environment:
    """Jinja2 with the filters of the templates; times are shown as on the clocks of `zone`."""
    # autoescape for every template, not by its ending: each of them is a page of HTML
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalized,
    )
    pages.globals["css"] = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    pages.filters |= {
        "day": day,
        "local_day": lambda moment: day(local(moment, zone)),
        "local_time": lambda moment: f"{day(local(moment, zone))}, {local(moment, zone):%H:%M}",
        "change": change,
        "surge": surge,
        "count": count,
        "band_class": band_class,
        "mailto": mailto,
    }
    return pages


def finalized(value: object) -> object:
    """What a template puts into the page: text without what HTML would change or drop.

    The line ends CR LF and CR become LF, as every reader of HTML makes of them.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return readable(value.replace("\r\n", "\n").replace("\r", "\n"))
    return value


def day(moment: date | datetime) -> str:
    """30 Jun 2026."""
    return f"{moment.day} {moment:%b} {moment.year}"


def change(points: int) -> str:
    """A score less that of a week ago: +4 in 7 days."""
    return f"{points:+} in 7 days".replace("-", "−") if points else "as a week ago"


def surge(ratio: float | None) -> str:
    """The last 7 days against an average week."""
    if ratio is None:
        return "no earlier week to compare with"
    if ratio < 0.05:
        return "quiet"
    return f"{ratio:,.1f} × a usual one" if ratio < 10 else f"{ratio:,.0f} × a usual one"


def count(number: int, one: str, many: str = "") -> str:
    """1 visit, 2 visits."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def band_class(band: str) -> str:
    """The class of a band in the style sheet; none for a band that it does not know."""
    return band if band in BANDS else ""


def mailto(address: str) -> str:
    """A link that opens a mail to `address`, and to nobody and with nothing that it may say."""
    return f"mailto:{quote(readable(address), safe='@')}"
