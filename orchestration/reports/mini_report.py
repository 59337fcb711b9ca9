"""The mini-report of one request: a page that needs nothing but itself, and a PDF of A4 pages."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.exports import pages
from orchestration.reports import dial
from orchestration.reports.contents import Benchmark, Contents, MiniReport, contents_of, web_link

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "Benchmark",
    "MiniReport",
    "report_html",
    "report_pdf",
]

TEMPLATES = Path(__file__).with_name("templates")
STYLE = "\n" + "".join(
    (folder / name).read_text(encoding="utf-8")
    for folder, name in ((pages.TEMPLATES, "page.css"), (TEMPLATES, "mini_report.css"))
)
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""What the page allows itself: its one style sheet, and nothing else."""


def report_html(
    report: MiniReport, *, notice: str | None = None, pdf_url: str | None = None
) -> str:
    """The page. `notice` stands above it, and `pdf_url` is where it can be had as a PDF.

    Raises ValueError for a link that is none to the web.
    """
    contents = contents_of(report)
    return (
        environment()
        .get_template("mini_report.html.j2")
        .render(
            contents=contents,
            notice=notice,
            pdf_url=web_link(pdf_url),
            dial=dial,
            style=Markup(STYLE),
            policy=CONTENT_SECURITY_POLICY,
        )
    )


def report_pdf(report: MiniReport) -> bytes:
    """The same as a PDF of one or two A4 pages; the same bytes for the same report.

    It keeps to PDF/UA-1. A name with a letter that no font here has is left out; where a text of
    the offer has one, it is a box, and the PDF no longer conforms. Raises ValueError for a link
    that is none to the web, or a path alone, which leads nowhere from a file.
    """
    contents = contents_of(report)
    if contents.booking_url.startswith("/") or contents.report_url.startswith("/"):
        raise ValueError("a link of a PDF begins with https:// or http://")
    # accessible text has to have glyphs: better no name than boxes in its place
    for tried in (contents, replace(contents, names=())):
        try:
            return _compiled(report, tried, ["ua-1"])
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
    return _compiled(report, contents, [])


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja2 for pages and mails: all text is escaped, and a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=pages.finalized,
    )


def _compiled(report: MiniReport, contents: Contents, standards: list[typst.PDFStandard]) -> bytes:
    return typst.compile(
        (TEMPLATES / "mini_report.typ").read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        # as data: Typst takes a string for text, whatever stands in it
        sys_inputs={
            "report": json.dumps(asdict(contents)),
            "document_title": contents_of(report).document_title,
            "date": report.requested_on.isoformat(),
        },
        pdf_standards=standards,
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Those that come with Typst, and the system's for letters that they lack."""
    return typst.Fonts()
