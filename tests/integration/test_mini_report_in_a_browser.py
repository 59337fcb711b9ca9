"""The mini-report and its mail as somebody sees them: on a phone, on paper, in the dark."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from orchestration.reports.mini_report import MiniReport, report_html
from orchestration.reports.report_mail import compose
from tests.integration.test_overview_in_a_browser import CONTRAST, opened
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.mini_reports import REPORT_URL, longest_report, report_of

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1_440)


def mail_html(report: MiniReport) -> str:
    mail = compose(
        report,
        sender="hello@site.example",
        recipient="anna@kestrel.example",
        report_url=REPORT_URL,
        unsubscribe_url=f"{REPORT_URL}-no-more",
        sent_at=datetime(2026, 6, 30, tzinfo=UTC),
        message_id="<report.1@site.example>",
    )
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    return str(html.get_content())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages and mails: a usual one, the best and the worst, long ones and hostile ones."""
    folder = tmp_path_factory.mktemp("reports")
    reports = {
        "plain": report_of(),
        "strong": report_of(answers=["all"] * 4, benchmark=None, booking_url=None),
        "weak": report_of(answers=["none"] * 4, full_name="", company_name=""),
        "long": longest_report("W"),
        **{f"sample-{place}": report_of(text) for place, text in enumerate(SAMPLES)},
    }
    for name, report in reports.items():
        page = report_html(report, notice="Thank you", pdf_url="/r/token/report.pdf")
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    for name in ("plain", "strong", "long"):
        (folder / f"{name}_mail.html").write_text(mail_html(reports[name]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own is not downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def test_nothing_runs_out_at_the_side_and_nothing_is_refused_or_asked_for(
    browser: Browser, folder: Path
) -> None:
    paths = sorted(folder.glob("*.html"))
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # where the policy refuses the style sheet, the console says so
    page.on("console", lambda message: said.append(message.text))
    too_wide = {}
    for path in paths:
        page.goto(path.as_uri())
        for width in (320,) if path.name.startswith("sample") else WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                too_wide[path.name, width] = found
    page.close()
    assert len(paths) == len(SAMPLES) + 7
    assert too_wide == {}
    assert asked == [path.as_uri() for path in paths]
    assert said == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(browser: Browser, folder: Path, dark: bool) -> None:
    for name in ("plain", "strong", "plain_mail"):
        page = opened(browser, folder / f"{name}.html", 1_440, dark=dark)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        poor = page.evaluate(CONTRAST)
        page.close()
        assert ground == ("rgb(20, 24, 31)" if dark else "rgb(255, 255, 255)")
        assert poor == [], name


def test_bars_reach_as_far_as_the_scores(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "plain.html", 390)
    shares = page.evaluate(
        "[...document.querySelectorAll('.part')].map(part => {"
        " const width = kind => part.querySelector(kind).getBoundingClientRect().width;"
        " return Math.round(100 * width('.reached') / width('.track')); })"
    )
    dial = page.evaluate(
        "100 * document.querySelector('.dial .reached').getTotalLength()"
        " / document.querySelector('.dial .track').getTotalLength()"
    )
    page.close()
    assert shares == [75, 25]
    assert dial == pytest.approx(50, abs=0.1)


def test_on_paper_it_is_one_page_and_white(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "plain.html", 1_440, dark=True)
    pdf = page.pdf(format="A4", print_background=False)
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_shown = page.locator(".download, .notice").first.is_visible()
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert (ground, is_shown) == ("rgb(255, 255, 255)", False)
