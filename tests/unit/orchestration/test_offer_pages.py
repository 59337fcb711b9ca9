"""An offer's form and what becomes of it: events, a file, and the way to the report."""

from __future__ import annotations

import asyncio
import html
import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

import duckdb
import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from itsdangerous import TimestampSigner

from ingestion import rules
from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.lead_magnet import form, responses
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.requests import read_request
from orchestration.lead_magnet.tokens import Purpose, read
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES
from tests.unit.orchestration.offer_visits import (
    ANSWERS,
    BROWSER,
    ENTERED,
    OFFER,
    MemoryJournal,
    Page,
    Visit,
)

DEVICE = "6f1c2d3e-1111-4222-8333-944445555666"


@pytest.fixture
def visit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Visit:
    made = Visit(settings)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(made.now.timestamp()))
    return made


def problems_of(answer: object) -> list[str]:
    """The texts of the error summary."""
    page = Page(answer.text)  # type: ignore[attr-defined]
    return [link for link in page.links() if link.startswith("#")]


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


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"answer_proof": ""}, ["#answer_proof"]),
        ({"answer_proof": "hour"}, ["#answer_proof"]),
        ({"full_name": " \t "}, ["#full_name"]),
        ({"full_name": "\u200f\u202e"}, ["#full_name"]),
        ({"full_name": "x" * 201}, ["#full_name"]),
        ({"company_name": "x" * 201}, ["#company_name"]),
        ({"email": ""}, ["#email"]),
        ({"email": "anna at acme"}, ["#email"]),
        ({"email": "anna@acme"}, ["#email"]),
        ({"email": "anna@@acme.example"}, ["#email"]),
        ({"email": "anna@acme..example"}, ["#email"]),
        ({"email": "anna@acme.example\r\nBcc: eve@evil.example"}, ["#email"]),
        ({"email": "anna@acme.example,eve@evil.example"}, ["#email"]),
        ({"email": "<anna@acme.example>"}, ["#email"]),
        ({"email": "an\u202ena@acme.example"}, ["#email"]),
        ({"email": f"{'x' * 250}@acme.example"}, ["#email"]),
        ({"email": "", "full_name": "", "answer_pricing": ""},
         ["#answer_pricing", "#full_name", "#email"]),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named_in_the_order_of_the_page(
    visit: Visit, changed: dict[str, str], fields: list[str]
) -> None:
    answer = visit.send(ENTERED | changed)
    assert answer.status_code == 422
    assert problems_of(answer) == fields
    assert visit.journal.batches == []
    assert not visit.settings.requests.exists()


def test_each_mistake_is_linked_with_its_field_and_what_was_entered_stays(visit: Visit) -> None:
    entered = ENTERED | {"email": "anna at acme", "answer_proof": "", "marketing_consent": "yes"}
    answer = visit.send(entered)
    page = Page(answer.text)
    ids = {values["id"] for _, values in page.tags if "id" in values}
    for link in problems_of(answer):
        assert link[1:] in ids
    [email] = [values for values in page.all("input") if values.get("id") == "email"]
    assert email["aria-invalid"] == "true"
    assert email["aria-describedby"].split()[0] == "email_mistake"
    assert "email_mistake" in ids
    assert page.fields["email"] == "anna at acme"
    assert page.fields["company_name"] == "Acme"
    assert page.checked == {
        form.answer_field(question): given
        for question, given in ANSWERS.items()
        if question != "proof"
    } | {"marketing_consent": "yes"}
    # and then it is mended
    visit.wait(seconds=1)
    mended = ENTERED | {"marketing_consent": "yes"}
    assert visit.send(mended, page.fields["form_token"]).status_code == 303


def test_every_field_has_a_label_and_every_question_a_legend(visit: Visit) -> None:
    page = visit.open()
    labelled = {values["for"] for values in page.all("label") if "for" in values}
    lines = [values for values in page.all("input") if values["type"] in {"text", "email"}]
    assert {values["id"] for values in lines} <= labelled
    assert len(page.all("fieldset")) == len(page.all("legend")) == len(OFFER.questions) + 1
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(ids) == len(set(ids))
    described = {
        each for _, values in page.tags for each in values.get("aria-describedby", "").split()
    }
    assert described <= set(ids)
    assert described


def test_what_fills_in_the_hidden_field_is_asked_again(visit: Visit) -> None:
    answer = visit.send(ENTERED | {form.HONEYPOT: "https://spam.example"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert visit.journal.batches == []
    # somebody whose browser filled it in finds it empty, and everything else as it was
    assert page.fields[form.HONEYPOT] == ""
    again = {name: page.fields[name] for name in ("full_name", "email", "company_name")}
    assert visit.send(again | page.checked, page.fields["form_token"]).status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(2, 422), (3, 303)])
def test_nobody_fills_in_a_form_in_two_seconds(visit: Visit, seconds: int, status: int) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(seconds=seconds)
    assert visit.send(ENTERED, form_token).status_code == status
    assert len(visit.journal.batches) == (status == 303)


@pytest.mark.parametrize(("hours", "status"), [(24, 303), (24.001, 422)])
def test_a_form_that_was_open_for_more_than_a_day_is_sent_once_more(
    visit: Visit, hours: float, status: int
) -> None:
    form_token = visit.open().fields["form_token"]
    visit.wait(hours=hours)
    answer = visit.send(ENTERED, form_token)
    assert answer.status_code == status
    if status == 422:
        page = Page(answer.text)
        assert page.fields["full_name"] == "Anna Berg"
        visit.wait(seconds=5)
        assert visit.send(ENTERED, page.fields["form_token"]).status_code == 303


@pytest.mark.parametrize("form_token", ["", "forged", "a.b.c"])
def test_a_form_that_is_none_of_ours_makes_no_request(visit: Visit, form_token: str) -> None:
    assert visit.send(ENTERED, form_token).status_code == 422
    assert visit.journal.batches == []


def test_a_token_of_a_report_is_none_of_a_form(visit: Visit) -> None:
    assert visit.send(ENTERED, visit.ask()).status_code == 422


@pytest.mark.parametrize(
    ("content_type", "size", "status"),
    [
        ("application/x-www-form-urlencoded", 70_000, 413),
        ("multipart/form-data; boundary=x", 10, 415),
        ("application/json", 10, 415),
    ],
)
def test_what_no_form_sends_is_refused_with_a_page(
    visit: Visit, content_type: str, size: int, status: int
) -> None:
    answer = visit.client.post(
        "/offers/site_readiness", content="x" * size, headers={"content-type": content_type}
    )
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_body_of_any_bytes_is_a_form_that_has_to_be_mended(visit: Visit) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    for body in (b"", b"%", b"%ff=%ff&\xff\xfe", b"a&" * 300, b"email=" + b"%00" * 99):
        answer = visit.client.post("/offers/site_readiness", content=body, headers=headers)
        assert answer.status_code == 422


def test_one_address_may_send_twenty_forms_in_ten_minutes(visit: Visit) -> None:
    answers = [visit.send({}, "none") for _ in range(21)]
    assert [each.status_code for each in answers] == [422] * 20 + [429]
    assert 590 <= int(answers[-1].headers["retry-after"]) <= 600
    assert "in 10 minutes" in Page(answers[-1].text).text


def test_one_recipient_may_be_asked_for_six_reports_an_hour(visit: Visit) -> None:
    for number in range(6):
        visit.ask(company_name=f"Acme {number}")
    answer = visit.send(ENTERED | {"email": "ANNA@acme.example"})
    assert answer.status_code == 429
    assert len(visit.journal.batches) == 6
    assert visit.send(ENTERED | {"email": "bob@acme.example"}).status_code == 303


def test_the_device_is_the_one_of_the_hidden_field_else_of_the_cookie(visit: Visit) -> None:
    visit.ask(anonymous_id=DEVICE, session_id="5e551011-aaaa")
    visit.client.cookies.set("intent_id", "cookie-0001")
    visit.ask()
    visit.ask(anonymous_id="<script>alert(1)</script>")
    submits = visit.journal.named("report_form_submit")
    assert [each.get("anonymousId") for each in submits] == [DEVICE, "cookie-0001", None]
    assert submits[0]["context"]["sessionId"] == "5e551011-aaaa"


def test_a_cookie_that_another_site_made_a_browser_send_is_not_taken(visit: Visit) -> None:
    visit.client.cookies.set("intent_id", "cookie-0001")
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


@pytest.mark.parametrize("text", [each for each in SAMPLES if len(each) < 200])
def test_hostile_names_come_back_as_the_same_text(visit: Visit, text: str) -> None:
    answer = visit.send(ENTERED | {"full_name": text, "company_name": text, "email": text})
    page = Page(answer.text)
    kept = form.one_line(_sent(text))
    assert answer.status_code == 422
    assert [page.fields[name] for name in ("full_name", "company_name", "email")] == [kept] * 3
    assert "\n" not in kept
    assert "\r" not in kept
    assert [tag for tag, _ in page.tags if tag in {"img", "svg", "b"}] == []
    assert len(page.all("script")) == 1


@pytest.fixture(scope="module")
def hostile_visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with pytest.MonkeyPatch.context() as patch:
        made = Visit(Settings(data_dir=tmp_path_factory.mktemp("hostile") / "data"))
        patch.setattr(TimestampSigner, "get_timestamp", lambda _: int(made.now.timestamp()))
        patch.setattr("orchestration.lead_magnet.rate_limit.RateLimit.seconds_to_wait",
                      lambda *_: 0)  # fmt: skip
        yield made


@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(name=ANY_TEXT, company=ANY_TEXT)
def test_any_text_is_the_same_text_in_the_event_the_file_and_the_pages(
    hostile_visit: Visit, name: str, company: str
) -> None:
    visit = hostile_visit
    visit.journal.batches.clear()
    answer = visit.send(ENTERED | {"full_name": name, "company_name": company})
    if answer.status_code == 413:
        assert len(name) + len(company) > 5_000
        return
    shown_name, shown_company = form.one_line(_sent(name)), form.one_line(_sent(company))
    if answer.status_code == 422:
        page = Page(answer.text)
        assert (page.fields["full_name"], page.fields["company_name"]) == (
            shown_name,
            shown_company,
        )
        assert problems_of(answer)
        return
    assert answer.status_code == 303
    [submit] = visit.journal.named("report_form_submit")
    # what goes into the log is one line of JSON, whatever the text
    assert json.loads(json.dumps(submit)) == submit
    assert submit["properties"]["full_name"] == shown_name
    request = read_request(visit.settings, submit["messageId"])
    assert request is not None
    assert (request.full_name, request.company_name) == (shown_name, shown_company)
    report = visit.client.get(answer.headers["location"])
    assert report.status_code == 200
    assert not re.search(r"<(script|img|svg/onload|b)\b", report.text)


def _sent(text: str) -> str:
    """As UTF-8 carries it: half a surrogate pair is no character."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def test_an_address_that_the_form_takes_is_one_for_the_models(settings: Settings) -> None:
    addresses = [
        "anna@acme.example", "Anna.O'Neil+x@ACME.example", "jürgen@bücher.example",
        "a@b.c", " anna@acme.example ", "\ufeffanna@acme.example\u2028",
        "anna\u00a0x@acme.example", "anna@acme.exam\u2003ple", "anna@", "@acme.example",
        "an\x00na@acme.example", "an\x85na@acme.example", "a@b@c.d", "anna@acme.example.",
    ]  # fmt: skip
    with duckdb.connect() as connection:
        rules.define(connection)
        taken = {each for each in map(form.one_line, addresses) if form.is_email(each)}
        kept = {
            each: connection.execute("select valid_email(?)", [each]).fetchall()[0][0]
            for each in taken
        }
    assert kept == {each: each.lower() for each in taken}
    assert len(taken) == 4


def test_every_page_keeps_scripts_frames_and_caches_away(visit: Visit) -> None:
    token = visit.ask()
    answers = {
        path: visit.client.get(path)
        for path in ("/", "/offers/site_readiness", "/offers/none", f"/r/{token}", "/r/x", "/u/x")
    }
    for path, answer in answers.items():
        policy = dict(
            rule.partition(" ")[::2]
            for rule in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == "'none'", path
        assert policy["frame-ancestors"] == "'none'", path
        assert policy["base-uri"] == "'none'", path
        assert "form-action" in policy, path
        assert "unsafe" not in answer.headers["content-security-policy"], path
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "noindex" in answer.headers["x-robots-tag"], path
        scripts = Page(answer.text).all("script")
        assert len(scripts) == (path in {"/", "/offers/site_readiness"}), path
        for script in scripts:
            assert policy["script-src"] == f"'nonce-{script['nonce']}'"
        # nothing that the policy would not let be: no style or handler in a tag
        attributes = {name for _, values in Page(answer.text).tags for name in values}
        assert not {name for name in attributes if name == "style" or name.startswith("on")}, path
        for sheet in re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL):
            digest = responses.policy([html.unescape(sheet)]).split("'")[3]
            assert digest in policy["style-src"], path


def test_a_nonce_is_used_once(visit: Visit) -> None:
    nonces = {visit.open().all("script")[0]["nonce"] for _ in range(3)}
    assert len(nonces) == 3


def test_the_form_is_wired_for_the_tracker(visit: Visit) -> None:
    page = visit.open()
    [tag] = page.all("script")
    [sent] = page.all("form")
    assert (tag["src"], tag["data-write-key"]) == ("/tracker.js", visit.settings.write_key())
    assert sent["data-intent-form"] == "site_readiness"
    assert {"anonymous_id", "session_id", "page_referrer"} <= set(page.fields)


def test_the_offers_show_their_call_to_action_and_the_html_to_copy(settings: Settings) -> None:
    visit = Visit(
        Settings(data_dir=settings.data_dir, public_url="https://go.example.com/growth"),
        {"tracker_attributes": {"data-cookie": "on"}},
    )
    answer = visit.client.get("/")
    page = Page(answer.text)
    [call] = [values for values in page.all("a") if "data-intent-cta" in values]
    assert call["href"] == "https://go.example.com/growth/offers/site_readiness"
    card, tag = (
        html.unescape(code)
        for code in re.findall(r"<code>(&lt;.*?)</code>", answer.text, re.DOTALL)
    )
    assert Page(card).links() == [call["href"]]
    assert card in answer.text
    assert 'src="https://go.example.com/growth/tracker.js"' in tag
    assert 'data-cookie="on"' in tag
    assert "nonce" not in tag
    assert page.all("script")[0]["src"] == "/growth/tracker.js"


def test_an_offer_that_is_not_there_is_a_page_with_those_that_are(visit: Visit) -> None:
    for answer in (visit.client.get("/offers/none"), visit.client.post("/offers/none")):
        assert answer.status_code == 404
        assert Page(answer.text).links() == ["/offers/site_readiness"]


def test_the_privacy_notice_is_linked_where_it_is_set(settings: Settings) -> None:
    assert "https://example.com/privacy" not in Visit(settings).open().links()
    with_notice = Settings(data_dir=settings.data_dir, privacy_url="https://example.com/privacy")
    assert "https://example.com/privacy" in Visit(with_notice).open().links()


def test_a_privacy_notice_that_is_no_page_is_refused() -> None:
    with pytest.raises(UserError, match="INTENT_PRIVACY_URL is 'javascript:alert"):
        Settings.from_environment({"INTENT_PRIVACY_URL": "javascript:alert(1)"})


def test_the_id_of_a_request_says_nothing_of_what_is_in_it(settings: Settings) -> None:
    visit = Visit(settings)
    visit.now = datetime.now(UTC)
    token = visit.ask()
    request_id = read(settings, Purpose.report, token)
    assert UUID(request_id).version == 5
    assert "anna" not in token


def test_routes_are_made_without_a_file_of_the_pipeline(settings: Settings) -> None:
    assert len(routes(settings, MemoryJournal())) == 8
    assert not settings.warehouse.exists()
    assert not settings.analytics.exists()
