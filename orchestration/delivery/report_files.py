"""The mini-reports as files: `<data>/reports/<offer_id>/<request>.html` and `.pdf`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.settings import Settings
from orchestration.delivery.asked_reports import (
    AskedReport,
    PublishedRequests,
    key_of,
    report_of,
)
from orchestration.exports.files import write_file
from orchestration.lead_magnet.offers import Offer
from orchestration.reports.mini_report import MiniReport, report_html, report_pdf


@dataclass(frozen=True)
class MadeReports:
    """What came of it: `refused` says of a request, by its key, why it has no report."""

    made: tuple[Path, ...]
    """PDFs that were not there before."""
    refused: Mapping[str, str]


def html_path(settings: Settings, asked: AskedReport) -> Path:
    """Where the page of the request lies."""
    return settings.reports / key_of(asked.offer_id) / f"{asked.key}.html"


def pdf_path(settings: Settings, asked: AskedReport) -> Path:
    """Where the PDF lies."""
    return html_path(settings, asked).with_suffix(".pdf")


def is_made(settings: Settings, asked: AskedReport) -> bool:
    """Whether both files are there."""
    return html_path(settings, asked).exists() and pdf_path(settings, asked).exists()


def made_at(settings: Settings, asked: AskedReport) -> datetime:
    """When the report was made."""
    return datetime.fromtimestamp(pdf_path(settings, asked).stat().st_mtime, UTC)


def make_missing(
    settings: Settings, published: PublishedRequests, offers: Mapping[str, Offer]
) -> MadeReports:
    """Makes the reports of these requests that are not there, each whole.

    One that cannot be made is in the way of no other. Raises OSError where the disk takes none.
    """
    made: list[Path] = []
    refused: dict[str, str] = {}
    for asked in published.requests:
        if is_made(settings, asked):
            continue
        offer = offers.get(asked.offer_id)
        if offer is None:
            refused[asked.key] = "seeds/lead_magnet/offers.csv does not have its offer"
            continue
        try:
            report = report_of(settings, offer, asked, published.benchmarks.get(asked.offer_id))
            if report is None:
                refused[asked.key] = "no answer is one of the offer's"
                continue
            make(settings, asked, report)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever somebody has put into the form
            # what it says may quote what was entered
            refused[asked.key] = f"it cannot be made ({type(error).__name__})"
        else:
            made.append(pdf_path(settings, asked))
    return MadeReports(tuple(made), refused)


def make(settings: Settings, asked: AskedReport, report: MiniReport) -> None:
    """Writes both files, each whole."""
    page, pdf = report_html(report), report_pdf(report)
    settings.make_folder(settings.reports)
    write_file(html_path(settings, asked), page.encode())
    write_file(pdf_path(settings, asked), pdf)
