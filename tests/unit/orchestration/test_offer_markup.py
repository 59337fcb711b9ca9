"""The pages of an offer as HTML: labels, hostile texts, policies, the HTML to copy."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from itsdangerous import TimestampSigner

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.lead_magnet import form, responses
from orchestration.lead_magnet.links import offer_link
from orchestration.lead_magnet.offers import SEEDS, read_offers
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.requests import read_request
from tests.oracle.pages import page_class
from tests.oracle.rules import load_rules
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES
from tests.unit.orchestration.offer_visits import (
    ANSWERS,
    ENTERED,
    OFFER,
    MemoryJournal,
    Page,
    Visit,
    problems_of,
)


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


@pytest.mark.parametrize("public_url", ["https://go.example", "https://www.example.com/growth"])
def test_the_form_of_an_offer_is_a_page_with_a_class(settings: Settings, public_url: str) -> None:
    settings = replace(settings, public_url=public_url)
    rules = load_rules(("example.com",))
    for offer_id in read_offers():
        assert page_class(f"{offer_link(settings, offer_id)}?utm_source=ads", rules) == "offer"
    assert page_class(f"{public_url}/offers", rules) == "other"
    # those of before go first
    assert page_class(f"https://www.example.com/pricing/offers/{offer_id}", rules) == "pricing"


def test_every_page_says_whose_it_is(visit: Visit) -> None:
    token = visit.ask()
    visit.settings = replace(visit.settings, company_name="Knots <b>& Co</b>")
    visit.client = visit.another_client()
    for path in ("/", "/offers/site_readiness", f"/r/{token}", "/offers/gone"):
        page = visit.client.get(path).text
        assert "Knots &lt;b&gt;&amp; Co&lt;/b&gt;" in page
        assert "<b>& Co" not in page


def test_the_privacy_notice_is_linked_where_it_is_set(settings: Settings) -> None:
    assert "https://example.com/privacy" not in Visit(settings).open().links()
    with_notice = Settings(data_dir=settings.data_dir, privacy_url="https://example.com/privacy")
    assert "https://example.com/privacy" in Visit(with_notice).open().links()


def test_a_privacy_notice_that_is_no_page_is_refused() -> None:
    with pytest.raises(UserError, match="INTENT_PRIVACY_URL is 'javascript:alert"):
        Settings.from_environment({"INTENT_PRIVACY_URL": "javascript:alert(1)"})


def test_routes_are_made_without_a_file_of_the_pipeline(settings: Settings) -> None:
    assert len(routes(settings, MemoryJournal())) == 8
    assert not settings.warehouse.exists()
    assert not settings.analytics.exists()


def test_links_begin_with_the_path_that_visitors_see(settings: Settings) -> None:
    visit = Visit(replace(settings, public_url="https://go.example.com/growth"))
    visit.now = datetime.now(UTC)
    answer = visit.send(
        {"email": "a@b.example", "full_name": "A", **{f"answer_{k}": v for k, v in ANSWERS.items()}}
    )
    assert answer.headers["location"].startswith("/growth/r/")
    page = Page(visit.client.get(answer.headers["location"].removeprefix("/growth")).text)
    assert next(link for link in page.links() if link.endswith(".pdf")).startswith("/growth/r/")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("offer_id,title\nx,Größe\n".encode("cp1252"), "is not in UTF-8"),
        (b"offer_id;title\nx;Size\n", "has no column offer_id"),
    ],
)
def test_an_offer_that_a_spreadsheet_saved_otherwise_is_refused_in_words(
    tmp_path: Path, content: bytes, words: str
) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(SEEDS, seeds)
    (seeds / "offers.csv").write_bytes(content)
    with pytest.raises(UserError, match=f"offers.csv {words}"):
        read_offers(seeds)
