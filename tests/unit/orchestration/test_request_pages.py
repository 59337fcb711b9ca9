"""The pages of a request: its report, the way to the calendar, the way out, and their tokens."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from itsdangerous import TimestampSigner

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.lead_magnet.booking import booking_url, check_booking_url
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.rate_limit import RateLimit
from orchestration.lead_magnet.requests import Request, read_request, save_request
from orchestration.lead_magnet.tokens import Purpose, read, sign
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.offer_visits import (
    ANSWERS,
    OFFER,
    MemoryJournal,
    Page,
    Visit,
    publish,
    row_of,
)

REQUEST = Request(
    request_id="0d9e4c1a-0000-4000-8000-00000000000a",
    offer_id="site_readiness",
    email="anna+news@acme.example",
    full_name="Anna {email} Berg&x=1#",
    company_name="Ac/me?",
    answers=ANSWERS,
    marketing_consent=False,
    consent_text=None,
    requested_at=datetime(2026, 6, 30, 12, tzinfo=UTC),
)


@pytest.fixture
def visit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Visit:
    made = Visit(settings)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(made.now.timestamp()))
    return made


def request_id_of(visit: Visit, token: str) -> str:
    return read(visit.settings, Purpose.report, token)


def booking_links(page: Page) -> list[str]:
    return [link for link in page.links() if "/b/" in link]


def test_a_request_is_read_as_it_was_saved(settings: Settings) -> None:
    save_request(settings, REQUEST)
    assert read_request(settings, REQUEST.request_id) == REQUEST
    assert len(list(settings.requests.iterdir())) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"request_id": 1}', '{"requested_at": "soon"}', '"text"']
)
def test_a_file_that_is_no_request_is_none(settings: Settings, text: str) -> None:
    save_request(settings, REQUEST)
    (settings.requests / f"{REQUEST.request_id}.json").write_text(text)
    assert read_request(settings, REQUEST.request_id) is None


@pytest.mark.parametrize("request_id", ["../secret_key", "", "x", "*", "a" * 36, "\x00"])
def test_an_id_of_another_log_leads_to_no_file(settings: Settings, request_id: str) -> None:
    settings.requests.mkdir(parents=True)
    (settings.data_dir / "secret_key.json").write_text("{}")
    assert read_request(settings, request_id) is None
    with pytest.raises(ValueError, match="UUID"):
        save_request(settings, replace(REQUEST, request_id=request_id))


def test_a_draft_that_a_kill_left_is_no_request_and_is_written_over(settings: Settings) -> None:
    save_request(settings, REQUEST)
    path = settings.requests / f"{REQUEST.request_id}.json"
    path.rename(settings.requests / f".{REQUEST.request_id}.{os.getpid()}")
    assert read_request(settings, REQUEST.request_id) is None
    save_request(settings, REQUEST)
    assert list(settings.requests.iterdir()) == [path]


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
    visit.client.cookies.set("intent_id", "somebodys-device")
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
    from orchestration.lead_magnet import published

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
    import duckdb

    with duckdb.connect(str(settings.analytics)) as connection:
        connection.execute("create schema ops")
        connection.execute("create schema marts")


def a_folder(settings: Settings) -> None:
    settings.analytics.mkdir()


@pytest.mark.parametrize("make", [damaged, of_an_older_version, a_folder])
def test_a_published_file_that_cannot_be_read_keeps_no_page_from_being_shown(
    visit: Visit, make: object
) -> None:
    token = visit.ask()
    make(visit.settings)  # type: ignore[operator]
    page = visit.client.get(f"/r/{token}")
    assert page.status_code == 200
    assert booking_links(Page(page.text)) == []
    booking = sign(visit.settings, Purpose.booking, request_id_of(visit, token))
    assert visit.client.get(f"/b/{booking}").status_code == 404


def test_a_file_that_another_process_writes_keeps_no_page_from_being_shown(visit: Visit) -> None:
    import subprocess
    import sys

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


def test_the_qualified_reach_the_calendar_with_what_they_entered(visit: Visit) -> None:
    token = visit.ask(full_name="Zoë {email} & Söhne", company_name="")
    request_id = request_id_of(visit, token)
    publish(visit.settings, [row_of(request_id, is_qualified=True)])
    [link] = booking_links(Page(visit.client.get(f"/r/{token}").text))
    for _ in range(2):
        answer = visit.client.get(link)
        assert answer.status_code == 303
        assert answer.headers["location"] == (
            "https://calendly.com/example/intro?name=Zo%C3%AB%20%7Bemail%7D%20%26%20S%C3%B6hne"
            "&email=anna%40acme.example&a1=&utm_source=intent_growth&utm_medium=report"
            "&utm_campaign=site_readiness"
        )
        assert answer.headers["referrer-policy"] == "no-referrer"
    [click] = visit.journal.named("booking_click")
    assert click["properties"] == {"offer_id": "site_readiness", "request_id": request_id}
    assert click["context"]["traits"] == {"email": "anna@acme.example"}
    assert "anonymousId" not in click


def test_nobody_else_reaches_the_calendar(visit: Visit) -> None:
    token = visit.ask()
    request_id = request_id_of(visit, token)
    booking = sign(visit.settings, Purpose.booking, request_id)
    for rows in ([], [row_of(request_id, is_qualified=False)]):
        publish(visit.settings, rows)
        assert booking_links(Page(visit.client.get(f"/r/{token}").text)) == []
        answer = visit.client.get(f"/b/{booking}")
        assert answer.status_code == 404
        assert "location" not in answer.headers
    assert visit.journal.named("booking_click") == []


def test_an_offer_without_a_calendar_shows_no_booking(settings: Settings) -> None:
    offer = replace(OFFER, booking_url="")
    visit = Visit(settings, {"offers": {offer.offer_id: offer}})
    visit.now = datetime.now(UTC)
    token = visit.ask()
    request_id = request_id_of(visit, token)
    publish(settings, [row_of(request_id, is_qualified=True)])
    assert booking_links(Page(visit.client.get(f"/r/{token}").text)) == []
    assert visit.client.get(f"/b/{sign(settings, Purpose.booking, request_id)}").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["@evil.example/", "//evil.example", "\r\nLocation: https://evil.example", *SAMPLES[:20]],
)
def test_no_name_moves_the_calendar_elsewhere(text: str) -> None:
    request = replace(REQUEST, full_name=text, company_name=text)
    url = booking_url(OFFER, request)
    assert url is not None
    assert url.startswith("https://calendly.com/example/intro?name=")
    assert url.count("&") == OFFER.booking_url.count("&")
    assert not any(each.isspace() for each in url)


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert(1)",
        "//calendly.com/x",
        "https://{company_name}/x",
        "https://calendly.com{full_name}/x",
        "https://calendly.com@{email}",
        "https://calendly.com/x?n={name}",
        "https://calendly.com/x?n={full_name",
        "https://calendly.com/a b",
        "calendly.com/x",
    ],
)
def test_a_template_that_could_lead_elsewhere_is_refused_at_the_start(
    settings: Settings, template: str
) -> None:
    offer = replace(OFFER, booking_url=template)
    with pytest.raises(UserError, match="booking_url of the offer 'site_readiness'"):
        routes(settings, MemoryJournal(), offers={"site_readiness": offer})


@pytest.mark.parametrize(
    "template", ["", "https://cal.example", "http://cal.example:8080/{offer_id}?n={full_name}#x"]
)
def test_a_template_with_a_host_of_its_own_is_taken(template: str) -> None:
    offer = replace(OFFER, booking_url=template)
    check_booking_url(offer)
    assert (booking_url(offer, REQUEST) is None) == (template == "")


def test_looking_at_the_way_out_changes_nothing_and_its_button_does(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    before = len(visit.journal.messages)
    page = Page(visit.client.get(link).text)
    assert len(visit.journal.messages) == before
    [sent] = page.all("form")
    assert (sent["method"], sent["action"]) == ("post", "")
    assert visit.client.post(link).status_code == 200
    messages, is_urgent = visit.journal.batches[-1]
    assert is_urgent
    [event] = messages
    assert (event["type"], event["event"]) == ("track", "unsubscribe")
    assert event["context"]["traits"] == {"email": "anna@acme.example"}


def test_a_mail_program_unsubscribes_by_one_click_without_a_cookie(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    answers = [
        visit.another_client().post(link, data={"List-Unsubscribe": "One-Click"}, headers=headers)
        for headers in ({"user-agent": "Mail-Program/1.0"}, {"sec-gpc": "1"})
    ]
    answers.append(visit.client.post(link, files={"List-Unsubscribe": (None, "One-Click")}))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all("set-cookie" not in answer.headers for answer in answers)
    events = visit.journal.named("unsubscribe")
    assert len(events) == 3
    assert len({event["messageId"] for event in events}) == 1


def test_an_unsubscribing_that_could_not_be_written_says_so(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    visit.journal.failure = OSError("disk full")
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    assert visit.client.post(link).status_code == 503


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


def test_links_begin_with_the_path_that_visitors_see(settings: Settings) -> None:
    visit = Visit(replace(settings, public_url="https://go.example.com/growth"))
    visit.now = datetime.now(UTC)
    answer = visit.send(
        {"email": "a@b.example", "full_name": "A", **{f"answer_{k}": v for k, v in ANSWERS.items()}}
    )
    assert answer.headers["location"].startswith("/growth/r/")
    page = Page(visit.client.get(answer.headers["location"].removeprefix("/growth")).text)
    assert next(link for link in page.links() if link.endswith(".pdf")).startswith("/growth/r/")


def test_a_rate_is_of_each_address_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    limit = RateLimit(2, 60, clock=lambda: now)
    waits = [limit.seconds_to_wait("203.0.113.9") for _ in range(3)]
    assert waits == [0, 0, 60]
    assert limit.seconds_to_wait("203.0.113.10") == 0
    now = 59.5
    assert limit.seconds_to_wait("203.0.113.9") == 1
    now = 60.0
    assert limit.seconds_to_wait("203.0.113.9") == 0
    # a house has many addresses of IPv6
    assert [limit.seconds_to_wait(f"2001:db8::{each}") for each in range(3)] == [0, 0, 60]
    monkeypatch.setattr("orchestration.lead_magnet.rate_limit.MOST_ADDRESSES", 3)
    for number in range(9):
        limit.seconds_to_wait(f"198.51.100.{number}")
    assert len(limit._times) == 3
