"""A visitor's way from an ad to a booked call, with nothing of it played: a site, the collector, a
Chromium, a mail server, `intent refresh`, and what the tables and `intent explain` say of it."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ingestion.settings import Settings
from tests.dbt_runs import give_parse
from tests.unit.orchestration.mail_server import Inbox, free_port, mail_server

# two whole refreshes: minutes
pytestmark = [pytest.mark.browser, pytest.mark.slow]

INTENT = [sys.executable, "-c", "from orchestration.cli import main; main()"]
EMAIL = "grace.hopper@navy-systems.com"
# a headless Chromium says so, and is on the list of bots
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"
CALENDAR = re.compile(r"^https://calendly\.com/")
DOMAIN = "shop.example"
"""The site is at www. and the collector at go., as a company would have them: so the device's name
goes from one to the other in the first-party cookie."""
STEPS = [
    "cta_view", "cta_click", "form_start", "report_form_submit", "report_generated",
    "report_delivered", "report_opened", "qualified", "booking_click", "booked",
]  # fmt: skip


@dataclass
class Story:
    """What there is after it all: the data directory, and what came by mail."""

    settings: Settings
    environment: dict[str, str]
    mails: list[EmailMessage]
    calendar: str
    """The address of the calendar that the visitor was led to."""

    def intent(self, *arguments: str) -> str:
        return run(self.environment, *arguments)


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*INTENT, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def site(collector: str, write_key: str) -> Iterator[str]:
    """The company's own site: a home page, a page of prices, and the tracker on both."""
    tracker = (
        f'<script async src="{collector}/tracker.js" data-write-key="{write_key}" data-cookie>'
        "</script>"
    )
    offer = (
        f'<p><a href="{collector}/offers/site_readiness" data-intent-cta="site_readiness">'
        "Get my score</a></p>"
    )
    pages = {
        "/": f'<title>Home</title>{tracker}<h1>Home</h1><a href="/pricing">Pricing</a>',
        "/pricing": f"<title>Pricing</title>{tracker}<h1>Pricing</h1>{offer}",
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path.partition("?")[0])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_args: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://www.{DOMAIN}:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def collecting(environment: dict[str, str], port: int) -> Iterator[None]:
    """`intent collect` until the end of the body, ended as Ctrl-C would end it."""
    with subprocess.Popen(
        [*INTENT, "collect", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if f":{port}" in line:
                    break
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


def visit_and_ask(page: Page, home: str) -> None:
    """Comes by an ad, reads two pages, sees the offer, fills in its form."""
    page.goto(f"{home}/?utm_source=newsletter&utm_medium=cpc&utm_campaign=spring&gclid=abc123")
    page.wait_for_function("window.intent && window.intent.version")
    page.get_by_role("link", name="Pricing").click()
    page.wait_for_function("window.intent && window.intent.version")
    page.wait_for_timeout(800)  # the offer has been in view
    page.get_by_role("link", name="Get my score").click()
    page.get_by_role("textbox", name="Name").wait_for()
    for question in page.locator("form fieldset").filter(has=page.get_by_role("radio")).all():
        question.get_by_role("radio").nth(1).check()
    page.get_by_role("textbox", name="Name").fill("Grace Hopper")
    page.get_by_label("Work e-mail").fill(EMAIL)
    page.get_by_label("Company").fill("Navy Systems")
    page.wait_for_timeout(3_500)  # nobody fills in a form faster
    page.get_by_role("button", name="Get my score").click()
    page.get_by_text("Thank you").first.wait_for()


def link_in(mail: EmailMessage, start: str) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    found = re.search(re.escape(start) + r"[^\s>)]+", plain.get_content())
    assert found, plain.get_content()
    return found[0]


def book(page: Page, mail: EmailMessage, collector: str) -> str:
    """Opens the report from the mail and follows it to the calendar, whose address it returns."""
    asked: list[str] = []

    def answer(route: object, request: object) -> None:
        asked.append(request.url)  # type: ignore[attr-defined]
        route.fulfill(body="the calendar")  # type: ignore[attr-defined]

    page.context.route(CALENDAR, answer)
    page.goto(link_in(mail, f"{collector}/r/"))
    page.get_by_role("link", name="Book 20 minutes with us").first.click()
    page.get_by_text("the calendar").wait_for()
    return asked[0]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    data_dir = tmp_path_factory.mktemp("funnel") / "data"
    give_parse(data_dir)
    inbox = Inbox()
    port = free_port()
    collector = f"http://go.{DOMAIN}:{port}"
    with mail_server(inbox) as smtp_port, chromium() as browser:
        settings = Settings(
            data_dir=data_dir,
            public_url=collector,
            site_domains=(DOMAIN,),
            first_party_cookie=True,
            smtp_url=f"smtp://127.0.0.1:{smtp_port}",
            mail_from="reports@example.com",
        )
        environment = {**os.environ, **settings.environment()}
        with (
            collecting(environment, port),
            site(collector, settings.write_key()) as home,
        ):
            page = browser.new_page(user_agent=AGENT)
            visit_and_ask(page, home)
            run(environment, "refresh")
            [mail] = inbox.messages
            calendar = book(page, mail, collector)
        booked = data_dir / "landing" / "bookings.csv"
        now = datetime.now(UTC).isoformat(timespec="seconds")
        booked.write_text(f"email,booked_at,booking_id\n{EMAIL},{now},b-1\n")
        run(environment, "refresh")
    return Story(settings, environment, inbox.messages, calendar)


def rows(story: Story, sql: str, *values: object) -> list[tuple[object, ...]]:
    with duckdb.connect(str(story.settings.analytics), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_the_funnel_has_every_step_in_its_order(story: Story) -> None:
    found = rows(
        story,
        "select step, reached_at from marts.fct_lead_magnet_funnel"
        " where offer_id = 'site_readiness' order by step_number",
    )
    assert [step for step, _ in found] == STEPS
    assert None not in [at for _, at in found]


def test_the_first_page_seen_by_nobody_known_is_the_persons_now(story: Story) -> None:
    found = rows(
        story,
        "select events.page_url, people.primary_email"
        " from marts.fct_events as events"
        " inner join marts.dim_people as people using (person_id)"
        " where events.event_type = 'page' order by events.event_at limit 1",
    )
    assert len(found) == 1
    url, email = found[0]
    assert "gclid=abc123" in str(url)
    assert email == EMAIL


def test_the_campaign_of_the_first_visit_is_credited_with_the_request(story: Story) -> None:
    found = rows(
        story,
        "select distinct channel, campaign from marts.fct_lead_magnet_requests",
    )
    assert found == [("Paid Other", "spring")]


def test_one_mail_was_sent_with_the_report_and_a_way_out(story: Story) -> None:
    [mail] = story.mails
    assert mail["To"] == EMAIL or EMAIL in mail["To"]
    assert "One-Click" in mail["List-Unsubscribe-Post"]
    [pdf] = [part for part in mail.iter_attachments() if part.get_content_subtype() == "pdf"]
    assert pdf.get_content().startswith(b"%PDF")


def test_the_calendar_is_opened_with_who_they_are_and_nothing_of_what_we_know(
    story: Story,
) -> None:
    assert "Grace" in story.calendar
    assert "grace.hopper%40navy-systems.com" in story.calendar
    assert "score" not in story.calendar.lower()


def test_explain_tells_the_whole_story(story: Story) -> None:
    told = story.intent("explain", EMAIL)
    for words in ("Grace Hopper", "navy-systems.com", "Asked for the report", "Viewed pricing"):
        assert words in told, told
    for words in (
        "Saw the call to action",
        "Opened the report",
        "Clicked to book a call",
        "Booked a call",
    ):
        assert words in told, told


def test_nothing_is_sent_again_by_another_refresh(story: Story) -> None:
    assert len(story.mails) == 1
    ledger = Path(story.settings.deliveries).read_text()
    assert EMAIL not in ledger
