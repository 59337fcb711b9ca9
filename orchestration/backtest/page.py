"""The findings as a page that needs nothing beside it, and where a monthly one is kept."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from ingestion.settings import Settings
from orchestration.backtest import charts
from orchestration.backtest.findings import Findings, verdict
from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.measures import AUC, CONFIDENCE, DRAWS, LIFT, SEED
from orchestration.backtest.report import (
    MEASURE_NAMES,
    RANKING_NAMES,
    days_words,
    figure,
    findings_json,
    percent,
)
from orchestration.exports import pages
from orchestration.exports.files import write_file
from orchestration.exports.overview.charts import prepare

TEMPLATES = Path(__file__).with_name("templates")


def findings_page(settings: Settings, findings: Findings) -> str:
    """The findings as HTML."""
    prepare(settings)
    is_drawn = findings.compared is not None
    return (
        templates(settings.timezone)
        .get_template("backtest.html.j2")
        .render(
            findings=findings,
            verdict=verdict(findings),
            horizon=HORIZON_DAYS,
            confidence=f"{CONFIDENCE:.0%}".replace("%", " %"),
            draws=DRAWS,
            seed=SEED,
            ranking_names=RANKING_NAMES,
            measure_names=MEASURE_NAMES,
            captured_chart=charts.captured_chart(findings) if is_drawn else None,
            steps_chart=charts.steps_chart(findings) if is_drawn else None,
            auc_chart=charts.measure_chart(findings, AUC) if is_drawn else None,
            lift_chart=charts.measure_chart(findings, LIFT) if is_drawn else None,
        )
    )


def write_findings(settings: Settings, findings: Findings) -> tuple[Path, Path]:
    """Writes page and JSON, named by the last date, to exports/backtests/; returns their paths."""
    name = f"backtest_{findings.weeks[-1].as_of.isoformat()}" if findings.weeks else "backtest"
    page = settings.exports / "backtests" / f"{name}.html"
    document = page.with_suffix(".json")
    write_file(page, findings_page(settings, findings).encode("utf-8"))
    write_file(document, f"{findings_json(findings)}\n".encode())
    return page, document


def templates(zone_name: str) -> Environment:
    """The templates of a backtest, and of all pages, with their filters."""
    found = pages.environment(ZoneInfo(zone_name))
    found.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(pages.TEMPLATES)])
    for name, folder in (("overview_css", pages.TEMPLATES / "overview.css"),
                         ("backtest_css", TEMPLATES / "backtest.css")):  # fmt: skip
        found.globals[name] = Markup(folder.read_text(encoding="utf-8"))
    found.filters |= {
        "figure": lambda value, measure, signed=False: figure(value, measure, signed=signed),
        "percent": percent,
        "days_words": days_words,
        "colour_variable": charts.colour_variable,
    }
    return found
