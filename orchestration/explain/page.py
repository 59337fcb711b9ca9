"""The explanation as a page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from orchestration.asked_pages import put_page
from orchestration.console import score
from orchestration.explain import sentences
from orchestration.explain.account import AccountExplained
from orchestration.explain.drawings import graph_svg, history_chart, identity_graph
from orchestration.explain.identity import Found
from orchestration.explain.outlook import HISTORY_DAYS, DayScore
from orchestration.explain.person import PersonExplained
from orchestration.exports import pages
from orchestration.whole_points import whole_change, whole_score, whole_shares

TEMPLATES = Path(__file__).with_name("templates")
EVENTS_SHOWN = 3
"""Ids of events behind a reason; JSON has all."""


def write_page(
    path: Path, found: Found, explained: Sequence[PersonExplained | AccountExplained], zone: str
) -> None:
    """Puts the page at `path`; times are as on the clocks of `zone`."""
    put_page(path, explanation_page(found, explained, zone))


def explanation_page(
    found: Found, explained: Sequence[PersonExplained | AccountExplained], zone: str
) -> str:
    """The explanation as HTML."""
    return (
        _templates(zone)
        .get_template("explain.html.j2")
        .render(
            found=found,
            people=[each for each in explained if isinstance(each, PersonExplained)],
            accounts=[each for each in explained if isinstance(each, AccountExplained)],
            zone_name=zone,
            history_days=HISTORY_DAYS,
            events_shown=EVENTS_SHOWN,
        )
    )


def _person_chart(person: PersonExplained) -> Markup | None:
    """None for somebody who has had no score in all the days."""
    if person.outlook is None:
        return None
    return _chart(person.outlook.history, person.outlook.ahead, person)


def _account_chart(account: AccountExplained) -> Markup | None:
    return _chart(account.history, account.ahead, account)


def _chart(
    days: Sequence[DayScore], ahead: Sequence[DayScore], of: PersonExplained | AccountExplained
) -> Markup | None:
    if not any(day.score > 0 for day in days):
        return None
    return history_chart(days, ahead, of.ruleset.bands)


def _templates(zone: str) -> Environment:
    found = pages.environment(ZoneInfo(zone))
    found.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(pages.TEMPLATES)])
    for name, path in (
        ("overview_css", pages.TEMPLATES / "overview.css"),
        ("explain_css", TEMPLATES / "explain.css"),
    ):
        found.globals[name] = Markup(path.read_text(encoding="utf-8"))
    found.globals |= {
        "identity_graph": identity_graph,
        "graph_svg": graph_svg,
        "person_chart": _person_chart,
        "account_chart": _account_chart,
        "whole_shares": whole_shares,
        "whole_change": whole_change,
        "said": sentences,
    }
    found.filters |= {
        "whole": whole_score,
        "points": score,
    }
    return found
