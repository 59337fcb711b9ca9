"""Every export, by name, and the tidying that follows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from ingestion import warehouse
from ingestion.landing_retention import LandingRemoval, remove_loaded_files
from ingestion.settings import Settings
from orchestration.delivery.retention import remove_old_reports
from orchestration.exports.briefs import export_briefs
from orchestration.exports.columns import SALES_TABLES, SalesTable
from orchestration.exports.crm.folder import crm_in_markdown, export_crm
from orchestration.exports.crm.objects import CRMS, Crm
from orchestration.exports.overview.page import export_overview
from orchestration.exports.overview.preview import overview_in_markdown
from orchestration.exports.owners import export_owner_lists
from orchestration.exports.retention import remove_old_exports
from orchestration.exports.sales import export_table
from orchestration.exports.workbook import export_workbook
from orchestration.refreshing.outcomes import Removed


@dataclass(frozen=True)
class Export:
    """One export: `write` returns its path and how many of `noun` it holds.

    `latest` is its name in exports/latest/, with {as_of} for the date.
    """

    name: str
    kind: str
    noun: str
    description: str
    latest: str
    write: Callable[[Settings], tuple[Path, int]]
    preview: Callable[[Settings], str] | None = None
    """What the UI shows of it, as markdown."""

    def is_missing(self, settings: Settings, as_of: date) -> bool:
        """Whether exports/latest/ lacks it, as of the date, or a file of it that is a folder."""
        latest = settings.exports / "latest" / self.latest.format(as_of=as_of)
        if latest.suffix:
            return not latest.exists()
        dated = settings.exports / self.name / as_of.isoformat()
        return not (latest.is_dir() and dated.is_dir() and _names_in(dated) <= _names_in(latest))


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _csv(table: SalesTable) -> Export:
    def write(settings: Settings) -> tuple[Path, int]:
        return export_table(settings, table)

    return Export(
        table.name, "csv", "rows", table.description, f"{table.name}_{{as_of}}.csv", write
    )


def _crm(crm: Crm) -> Export:
    names = " and ".join(each.name.removeprefix(f"{crm.name}_") for each in crm.objects)
    return Export(
        crm.name,
        "csv",
        "rows",
        f"{names.capitalize()} as {crm.label}'s importer wants them: each whole, what has changed"
        " since the last export, and what has left.",
        crm.name,
        partial(export_crm, crm=crm),
        partial(crm_in_markdown, crm=crm),
    )


EXPORTS = (
    *(_csv(table) for table in SALES_TABLES),
    *(_crm(crm) for crm in CRMS),
    Export(
        "owners",
        "csv",
        "lists",
        "The list of people once more, a file for each of their owners by the CRM.",
        "owners",
        export_owner_lists,
    ),
    Export(
        "briefs",
        "html",
        "briefs",
        "A page for each hot or warm account: score, people, reasons, and what to say first.",
        "briefs",
        export_briefs,
    ),
    Export(
        "overview",
        "html",
        "headlines",
        "How the last weeks went, on one page: what went well and what did not, traffic, bands,"
        " campaigns with cost, the hottest accounts, data quality.",
        "overview_{as_of}.html",
        export_overview,
        overview_in_markdown,
    ),
    # last, since it is written beside the others (beside.py)
    Export(
        "workbook",
        "excel",
        "rows",
        "The same tables as sheets of one workbook, with a dictionary of their columns.",
        "sales_{as_of}.xlsx",
        export_workbook,
    ),
)


def tidy(settings: Settings, now: datetime) -> Removed:
    """Takes away old exports, reports and files of landing/ as settings say, under the lock."""
    exports = remove_old_exports(settings, now)
    landing = LandingRemoval()
    if settings.keep_landing_days is not None and settings.warehouse.exists():
        with warehouse.connect(settings) as connection:
            landing = remove_loaded_files(connection, settings, now)
    reports = remove_old_reports(settings, now)
    refused = exports.refused + landing.refused + reports.refused
    return Removed(exports.removed, landing.removed, refused, reports.removed)
