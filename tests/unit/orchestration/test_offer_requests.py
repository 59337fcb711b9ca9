"""What becomes of a form that was sent: events, a file, and the way to the report."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest

from ingestion.own_ids import OWN
from ingestion.settings import Settings
from orchestration.lead_magnet import form
from orchestration.lead_magnet.misspellings import probably_meant
from orchestration.lead_magnet.requests import read_request, save_request
from orchestration.lead_magnet.tokens import Purpose, read
from tests.unit.orchestration.offer_visits import (
    ANSWERS,
    BROWSER,
    ENTERED,
    OFFER,
    REQUEST,
    Page,
    Visit,
)

DEVICE = "6f1c2d3e-1111-4222-8333-944445555666"


def test_a_good_form_is_two_events_and_a_file_and_leads_to_the_report(visit: Visit) -> None:
    token = visit.ask()
    request_id = read(visit.settings, Purpose.report, token)
    request = read_request(visit.settings, request_id)
    assert request is not None
    assert (request.full_name, request.email, request.company_name, request.answers) == (
        "Anna Berg",
        "anna@acme.example",
        "Acme",
        ANSWERS,
    )
    [(batch, is_urgent)] = visit.journal.batches
    identify, submit = batch
    assert is_urgent
    assert (identify["type"], identify["traits"]) == (
        "identify",
        {"email": "anna@acme.example", "name": "Anna Berg", "company": "Acme"},
    )
    assert submit["messageId"] == request_id
    assert (submit["type"], submit["event"], submit["timestamp"]) == (
        "track",
        "report_form_submit",
        "2026-06-30T12:00:20.000Z",
    )
    assert submit["properties"] == {
        "offer_id": "site_readiness",
        "email": "anna@acme.example",
        "full_name": "Anna Berg",
        "company_name": "Acme",
        "answers": ANSWERS,
        "marketing_consent": False,
        "consent_text": None,
        "consent_at": None,
    }
    assert submit["context"]["userAgent"] == BROWSER
    assert submit["context"]["page"]["url"] == "http://127.0.0.1:8765/offers/site_readiness"
    assert "anonymousId" not in submit


def test_the_event_is_written_before_the_file_and_the_file_before_the_answer(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.journal.failure = OSError("disk full")
    answer = visit.send(ENTERED)
    assert answer.status_code == 503
    assert not visit.settings.requests.exists()
    assert Page(answer.text).fields["full_name"] == "Anna Berg"
    visit.journal.failure = None

    def fails(*_: object) -> None:
        raise OSError("killed before the file")

    form_token = Page(answer.text).fields["form_token"]
    with monkeypatch.context() as patch:
        patch.setattr("orchestration.lead_magnet.form_pages.save_request", fails)
        assert visit.send(ENTERED, form_token).status_code == 503
    [first] = visit.journal.named("report_form_submit")
    # sent once more by somebody who got no answer: the same event, and now the file
    assert visit.send(ENTERED, form_token).status_code == 303
    assert {each["messageId"] for each in visit.journal.named("report_form_submit")} == {
        first["messageId"]
    }
    assert read_request(visit.settings, first["messageId"]) is not None


def test_an_address_that_looks_mistyped_is_asked_about_once_and_then_taken(visit: Visit) -> None:
    token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    typed = ENTERED | {"email": "anna@gmial.com", "marketing_consent": "yes"}
    answer = visit.send(typed, token)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "Did you mean anna@gmail.com? Change the address, or send the form" in page.text
    assert page.checked["marketing_consent"] == "yes"
    assert visit.journal.batches == []
    again = typed | {"asked_about": page.fields["asked_about"]}
    other = visit.send(again | {"email": "anna@gmaill.com"}, token)
    assert "Did you mean anna@gmail.com?" in other.text
    assert visit.send(again, page.fields["form_token"]).status_code == 303
    [submit] = visit.journal.named("report_form_submit")
    assert submit["properties"]["email"] == "anna@gmial.com"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("A.B@GMAIL.CON", "A.B@gmail.com"),
        ("a@hotmailcom.com", None),
        ("a@outlok.com", "a@outlook.com"),
        ("a@yaho.com", None),  # which is free mail of its own
        ("a@gmai.com", "a@gmail.com"),
        ("a@gmaill.com", "a@gmail.com"),
        ("a@icloud.co", "a@icloud.com"),
        ("a@acme.con", "a@acme.com"),
        ("a@mail.acme.ocm", "a@mail.acme.com"),
        ("a@acme.nte", "a@acme.net"),
        ("a@acme.com", None),
        ("a@acme.co", None),
        ("a@acme.example", None),
        ("a@mail.com", None),
        ("a@ymail.com", None),
        ("a@gmail.com", None),
        ("a@bücher.example", None),
        ("a@x", None),
        ("", None),
    ],
)
def test_a_slip_of_one_letter_is_seen_and_nothing_else(typed: str, meant: str | None) -> None:
    assert probably_meant(typed) == meant


def test_only_the_owner_may_read_a_request(visit: Visit) -> None:
    visit.ask()
    [path] = visit.settings.requests.iterdir()
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, visit.settings.requests)]
    assert modes == [0o600, 0o700]


def test_a_double_click_is_one_request(visit: Visit) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    places = [visit.send(ENTERED, form_token).headers["location"] for _ in range(2)]
    ids = {
        read(visit.settings, Purpose.report, place.split("/")[2].partition("?")[0])
        for place in places
    }
    assert len(ids) == 1
    assert len(visit.journal.batches) == 1


def test_two_clicks_at_once_are_one_request(visit: Visit) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    write = visit.journal.append

    async def both() -> list[int]:
        is_written = asyncio.Event()

        async def append(messages: list[dict[str, object]], is_urgent: bool = False) -> None:
            await is_written.wait()
            await write(messages, is_urgent)

        visit.journal.append = append  # type: ignore[method-assign, assignment]
        transport = httpx.ASGITransport(app=visit.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            sent = [
                client.post(
                    "/offers/site_readiness",
                    content=urlencode({"form_token": form_token, **ENTERED}),
                    headers={"content-type": "application/x-www-form-urlencoded"},
                )
                for _ in range(2)
            ]
            # the disk is slow: both are on their way by then
            asyncio.get_running_loop().call_later(0.2, is_written.set)
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    assert asyncio.run(both()) == [303, 303]
    assert len(visit.journal.batches) == 1


def test_the_same_form_with_something_else_in_it_is_another_request(visit: Visit) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    for company in ("Acme", "Acme Ltd"):
        assert visit.send(ENTERED | {"company_name": company}, form_token).status_code == 303
    submits = visit.journal.named("report_form_submit")
    assert len({each["messageId"] for each in submits}) == 2
    assert len(list(visit.settings.requests.iterdir())) == 2


def test_a_second_request_by_the_same_person_is_one_of_its_own(visit: Visit) -> None:
    first, second = visit.ask(), visit.ask()
    assert read(visit.settings, Purpose.report, first) != read(
        visit.settings, Purpose.report, second
    )


def test_consent_is_stored_with_what_the_box_said_and_when_it_was_ticked(visit: Visit) -> None:
    page = visit.open()
    assert "marketing_consent" not in page.checked
    assert form.CONSENT_TEXT in page.text
    token = visit.ask(marketing_consent="yes")
    request = read_request(visit.settings, read(visit.settings, Purpose.report, token))
    assert request is not None
    assert (request.marketing_consent, request.consent_text) == (True, form.CONSENT_TEXT)
    [submit] = visit.journal.named("report_form_submit")
    assert submit["properties"]["consent_at"] == submit["timestamp"]
    assert submit["properties"]["consent_text"] == form.CONSENT_TEXT


def test_a_form_whose_box_said_something_else_has_to_be_sent_again(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    monkeypatch.setattr(form, "CONSENT_TEXT", "Yes, call me at night.")
    answer = visit.send(ENTERED | {"marketing_consent": "yes"}, form_token)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "marketing_consent" not in page.checked
    assert page.fields["full_name"] == "Anna Berg"
    assert visit.journal.batches == []


def test_the_device_is_the_one_of_the_hidden_field_else_of_the_cookie(visit: Visit) -> None:
    visit.ask(anonymous_id=DEVICE, session_id="5e551011-aaaa")
    visit.client.cookies.set("intent_anonymous_id", "cookie-0001")
    visit.ask()
    visit.ask(anonymous_id="<script>alert(1)</script>")
    submits = visit.journal.named("report_form_submit")
    assert [each.get("anonymousId") for each in submits] == [DEVICE, "cookie-0001", None]
    assert submits[0]["context"]["sessionId"] == "5e551011-aaaa"


def test_a_cookie_that_another_site_made_a_browser_send_is_not_taken(visit: Visit) -> None:
    visit.client.cookies.set("intent_anonymous_id", "cookie-0001")
    visit.send(ENTERED, headers={"sec-fetch-site": "cross-site"})
    [submit] = visit.journal.named("report_form_submit")
    assert "anonymousId" not in submit


def test_how_a_visitor_came_is_kept_also_without_javascript(visit: Visit) -> None:
    page = visit.open(
        "?utm_source=news&utm_campaign=May&gclid=abc&mc_eid=names-a-person&utm_x=%3Cb%3E&other=1",
        referer="https://blog.example/post?email=anna@acme.example",
    )
    [sent_to] = [values["action"] for values in page.all("form")]
    assert sent_to == (
        "/offers/site_readiness?utm_source=news&utm_campaign=May&gclid=abc&utm_x=%3Cb%3E"
    )
    visit.wait(seconds=20)
    hidden = {"page_referrer": page.fields["page_referrer"]}
    query = sent_to.partition("?")[2]
    assert visit.send(ENTERED | hidden, page.fields["form_token"], query=f"?{query}")
    context = visit.journal.named("report_form_submit")[0]["context"]
    assert context["page"]["url"] == f"http://127.0.0.1:8765/offers/site_readiness?{query}"
    assert context["page"]["referrer"] == "https://blog.example/post"
    assert context["campaign"] == {"source": "news", "name": "May", "x": "<b>"}


@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
def test_of_who_refuses_to_be_tracked_only_what_they_entered_is_kept(
    visit: Visit, header: str
) -> None:
    headers = {header: "1", "referer": "https://blog.example/post"}
    page = visit.open("?utm_source=news", **headers)
    assert page.fields["page_referrer"] == ""
    visit.wait(seconds=20)
    hidden = {"anonymous_id": DEVICE, "session_id": DEVICE, "page_referrer": "https://a.example/"}
    answer = visit.send(
        ENTERED | hidden, page.fields["form_token"], headers, query="?utm_source=news"
    )
    assert answer.status_code == 303
    [submit] = visit.journal.named("report_form_submit")
    assert submit["properties"]["email"] == "anna@acme.example"
    assert "anonymousId" not in submit
    assert submit["context"] == {
        "page": {"url": "http://127.0.0.1:8765/offers/site_readiness", "title": OFFER.title},
        "userAgent": BROWSER,
    }


def test_the_signals_count_only_where_they_are_honoured(settings: Settings) -> None:
    visit = Visit(settings, {"honours_refusals": False})
    visit.now = datetime.now(UTC)
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=20)
    visit.send(ENTERED | {"anonymous_id": DEVICE}, form_token, {"sec-gpc": "1"})
    [submit] = visit.journal.named("report_form_submit")
    assert submit["anonymousId"] == DEVICE


def test_the_id_of_a_request_says_nothing_of_what_is_in_it(settings: Settings) -> None:
    visit = Visit(settings)
    visit.now = datetime.now(UTC)
    token = visit.ask()
    request_id = read(settings, Purpose.report, token)
    assert UUID(request_id.removeprefix(OWN)).version == 5
    assert "anna" not in token


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
