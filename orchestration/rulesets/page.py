"""A comparison as a page that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from ingestion.settings import Settings
from orchestration.exports import pages
from orchestration.exports.overview.charts import prepare
from orchestration.rulesets.charts import moves_chart
from orchestration.rulesets.comparison import Comparison
from orchestration.rulesets.report import change_cells, signed, verdict

TEMPLATES = Path(__file__).with_name("templates")
SHOWN = 25
"""So many who move are on the page; JSON has all."""


def comparison_page(settings: Settings, comparison: Comparison) -> str:
    """The comparison as HTML."""
    prepare(settings)
    sides = [("People", "people", comparison.people), ("Accounts", "accounts", comparison.accounts)]
    return (
        _templates(settings.timezone)
        .get_template("rulesets.html.j2")
        .render(
            comparison=comparison,
            verdict=verdict(comparison),
            cells=[cells for change in comparison.changes for cells in change_cells(change)],
            shown=SHOWN,
            sides=[
                (
                    title,
                    noun,
                    moves,
                    moves_chart(comparison, moves, noun) if moves.total else None,
                )
                for title, noun, moves in sides
            ],
        )
    )


def _templates(zone_name: str) -> Environment:
    found = pages.environment(ZoneInfo(zone_name))
    found.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(pages.TEMPLATES)])
    for name, path in (("overview_css", pages.TEMPLATES / "overview.css"),
                       ("rulesets_css", TEMPLATES / "rulesets.css")):  # fmt: skip
        found.globals[name] = Markup(path.read_text(encoding="utf-8"))
    found.filters["signed"] = signed
    return found
