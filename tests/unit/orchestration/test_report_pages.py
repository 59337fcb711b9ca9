"""The report of a request: its page, its events, its tokens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import duckdb
import pytest
from pypdf import PdfReader

from ingestion.settings import Settings
from orchestration.lead_magnet import published
from orchestration.lead_magnet.requests import save_request
from orchestration.lead_magnet.tokens import Purpose, sign
from tests.unit.orchestration.offer_visits import (
    OFFER,
    REQUEST,
    Page,
    Visit,
    booking_links,
    publish,
    request_id_of,
    row_of,
)


def test_the_page_after_the_form_thanks_and_shows_the_report(visit: Visit) -> None:
    token = visit.ask()
    answer = visit.client.get(f"/r/{token}?sent")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "Thank you. Here is your report. No mail is sent from here" in page.text
    assert "Anna Berg" in page.text
    assert OFFER.title in page.text
    assert booking_links(page) == []
    assert visit.journal.named("report_opened") == []


def test_the_page_after_the_form_says_where_the_mail_goes(settings: Settings) -> None:
    visit = Visit(replace(settings, smtp_url="smtp://mail.example"))
    visit.now = datetime.now(UTC)
    token = visit.ask()
    for query, is_said in (("?sent", True), ("", False)):
        text = Page(visit.client.get(f"/r/{token}{query}").text).text
        assert ("on its way to anna@acme.example" in text) == is_said
    visit.wait(hours=2)
    assert "anna@acme.example" not in visit.client.get(f"/r/{token}?sent").text


def test_opening_the_report_is_an_event_a_day_named_by_the_address_alone(visit: Visit) -> None:
    token = visit.ask()
    visit.client.cookies.set("intent_anonymous_id", "somebodys-device")
    for _ in range(3):
        assert visit.client.get(f"/r/{token}").status_code == 200
    [opened] = visit.journal.named("report_opened")
    request_id = request_id_of(visit, token)
    assert opened["properties"] == {"offer_id": "site_readiness", "request_id": request_id}
    assert opened["context"]["traits"] == {"email": "anna@acme.example"}
    assert not {"anonymousId", "userId"} & set(opened)
    assert token not in str(opened)
    visit.wait(days=1)
    visit.client.get(f"/r/{token}")
    assert len({each["messageId"] for each in visit.journal.named("report_opened")}) == 2
    # after a restart it may be told again, and is the same event
    visit.another_client().get(f"/r/{token}")
    assert len({each["messageId"] for each in visit.journal.named("report_opened")}) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)"},
        {"user-agent": ""},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"sec-gpc": "1"},
        {"dnt": "1"},
    ],
)
def test_what_is_no_person_or_refuses_to_be_tracked_opens_nothing(
    visit: Visit, headers: dict[str, str]
) -> None:
    token = visit.ask()
    assert visit.client.get(f"/r/{token}", headers=headers).status_code == 200
    assert visit.client.head(f"/r/{token}").status_code == 200
    assert visit.journal.named("report_opened") == []


def test_the_report_is_shown_also_where_nothing_can_be_written(visit: Visit) -> None:
    token = visit.ask()
    visit.journal.failure = OSError("disk full")
    assert visit.client.get(f"/r/{token}").status_code == 200
    visit.journal.failure = None
    visit.client.get(f"/r/{token}")
    assert len(visit.journal.named("report_opened")) == 1


def test_the_report_is_there_as_a_pdf(visit: Visit) -> None:
    token = visit.ask()
    page = Page(visit.client.get(f"/r/{token}").text)
    [link] = [each for each in page.links() if each.endswith("/report.pdf")]
    answer = visit.client.get(link)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-disposition"] == 'inline; filename="site-readiness.pdf"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("respondents", "is_shown"), [(0, False), (20, True)])
def test_the_benchmark_is_that_of_the_published_file(
    visit: Visit, respondents: int, is_shown: bool
) -> None:
    publish(visit.settings, respondents=respondents)
    token = visit.ask()
    text = Page(visit.client.get(f"/r/{token}").text).text
    assert ("20 B2B companies" in text) == is_shown


def test_a_published_file_is_read_once_and_a_new_one_anew(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    reader = published.published
    monkeypatch.setattr(published, "published", lambda s: reads.append(1) or reader(s))
    token = visit.ask()
    visit.client.get(f"/r/{token}")
    assert reads == []  # there is no file
    publish(visit.settings)
    for _ in range(3):
        visit.client.get(f"/r/{token}")
    assert len(reads) == 2  # the benchmark, and the request
    publish(visit.settings, [row_of(request_id_of(visit, token), is_qualified=True)])
    page = Page(visit.client.get(f"/r/{token}").text)
    assert len(reads) == 4
    assert len(booking_links(page)) == 1


def damaged(settings: Settings) -> None:
    settings.analytics.write_bytes(b"this is no database" * 1_000)


def of_an_older_version(settings: Settings) -> None:
    with duckdb.connect(str(settings.analytics)) as connection:
        connection.execute("create schema ops")
        connection.execute("create schema marts")


def a_folder(settings: Settings) -> None:
    settings.analytics.mkdir()


@pytest.mark.parametrize("make", [damaged, of_an_older_version, a_folder])
def test_a_published_file_that_cannot_be_read_keeps_no_page_from_being_shown(
    visit: Visit, make: Callable[[Settings], None]
) -> None:
    token = visit.ask()
    make(visit.settings)
    page = visit.client.get(f"/r/{token}")
    assert page.status_code == 200
    assert booking_links(Page(page.text)) == []
    booking = sign(visit.settings, Purpose.booking, request_id_of(visit, token))
    assert visit.client.get(f"/b/{booking}").status_code == 404


def test_a_file_that_another_process_writes_keeps_no_page_from_being_shown(visit: Visit) -> None:
    publish(visit.settings)
    token = visit.ask()
    script = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1]);"
        " print('open', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(visit.settings.analytics)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        assert visit.client.get(f"/r/{token}").status_code == 200
    finally:
        writer.communicate(b"")


@pytest.mark.parametrize(
    ("purpose", "path", "days"),
    [(Purpose.report, "/r/{}", 90), (Purpose.report, "/r/{}/report.pdf", 90),
     (Purpose.booking, "/b/{}", 90), (Purpose.unsubscribe, "/u/{}", 5 * 365)],
)  # fmt: skip
def test_a_link_expires_with_a_page_that_says_so(
    visit: Visit, purpose: Purpose, path: str, days: int
) -> None:
    request_id = request_id_of(visit, visit.ask())
    link = path.format(sign(visit.settings, purpose, request_id))
    visit.wait(days=days)
    assert visit.client.get(link).status_code in {200, 404}  # 404: nobody is qualified
    visit.wait(seconds=1)
    answer = visit.client.get(link)
    assert answer.status_code == 410
    assert "expired" in Page(answer.text).text


def test_no_link_of_a_report_outlives_the_one_that_led_to_it(visit: Visit) -> None:
    token = visit.ask()
    publish(visit.settings, [row_of(request_id_of(visit, token), is_qualified=True)])
    visit.wait(days=89)
    page = Page(visit.client.get(f"/r/{token}").text)
    document = visit.client.get(f"/r/{token}/report.pdf").content
    of_pdf = [
        urlsplit(str(annotation.get_object()["/A"]["/URI"])).path
        for each in PdfReader(BytesIO(document)).pages
        for annotation in each.get("/Annots", [])
    ]
    given = {link for link in (*page.links(), *of_pdf) if link.startswith(("/r/", "/b/"))}
    assert f"/r/{token}/report.pdf" in given
    assert f"/r/{token}" in given
    assert len(given) == 3
    assert {visit.client.get(link).status_code for link in given} == {200, 303}
    visit.wait(days=1, seconds=1)
    assert {visit.client.get(link).status_code for link in given} == {410}


def test_a_token_is_good_for_its_purpose_and_its_key_alone(visit: Visit, tmp_path: Path) -> None:
    report = visit.ask()
    request_id = request_id_of(visit, report)
    another_key = Settings(data_dir=tmp_path / "another")
    forged = [report[:-2] + "xx", sign(another_key, Purpose.report, request_id), "x", "a.b.c"]
    forged += [sign(visit.settings, each, request_id) for each in Purpose if each != "report"]
    for token in forged:
        assert visit.client.get(f"/r/{token}").status_code == 404
    for path in ("/b", "/u"):
        assert visit.client.get(f"{path}/{report}").status_code == 404
    assert visit.client.post(f"/u/{report}").status_code == 404
    assert visit.journal.named("unsubscribe") == []


def test_a_request_without_a_file_is_the_published_one(visit: Visit) -> None:
    # after a kill between the event and the file
    request_id = str(uuid4())
    publish(visit.settings, [row_of(request_id, is_qualified=True, full_name="Bo Dahl")])
    token = sign(visit.settings, Purpose.report, request_id)
    answer = visit.client.get(f"/r/{token}")
    assert answer.status_code == 200
    assert "Bo Dahl" in Page(answer.text).text
    [opened] = visit.journal.named("report_opened")
    assert opened["context"]["traits"] == {"email": "anna@acme.example"}
    booking = sign(visit.settings, Purpose.booking, request_id)
    assert visit.client.get(f"/b/{booking}").status_code == 303


def test_a_request_that_is_nowhere_is_a_page_that_says_so(visit: Visit) -> None:
    token = sign(visit.settings, Purpose.report, str(uuid4()))
    answer = visit.client.get(f"/r/{token}")
    assert answer.status_code == 404
    assert Page(answer.text).links() == ["/offers/site_readiness"]


def test_a_report_of_an_offer_that_is_gone_is_a_page_that_says_so(visit: Visit) -> None:
    save_request(visit.settings, replace(REQUEST, offer_id="of_last_year"))
    token = sign(visit.settings, Purpose.report, REQUEST.request_id)
    assert visit.client.get(f"/r/{token}").status_code == 404
    assert visit.client.get(f"/r/{token}/report.pdf").status_code == 404
    assert visit.journal.messages == []
