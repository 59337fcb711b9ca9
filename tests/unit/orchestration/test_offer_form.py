"""What an offer's form takes, what has to be mended, and how often it may be sent."""

from __future__ import annotations

import duckdb
import pytest

from ingestion import rules
from ingestion.settings import Settings
from orchestration.lead_magnet import form
from orchestration.lead_magnet.rate_limit import RateLimit
from tests.unit.orchestration.offer_visits import (
    ANSWERS,
    ENTERED,
    Page,
    Visit,
    problems_of,
)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"answer_proof": ""}, ["#answer_proof"]),
        ({"answer_proof": "hour"}, ["#answer_proof"]),
        ({"full_name": " \t "}, ["#full_name"]),
        ({"full_name": "\u200f\u202e"}, ["#full_name"]),
        ({"full_name": "x" * 201}, ["#full_name"]),
        ({"company_name": "x" * 201}, ["#company_name"]),
        ({"full_name": "Your parcel: pay at https://evil.example/"}, ["#full_name"]),
        ({"full_name": "Claim at evil.example/prize"}, ["#full_name"]),
        ({"company_name": "WWW.evil.example"}, ["#company_name"]),
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


def test_an_address_that_the_form_takes_is_one_for_the_models(settings: Settings) -> None:
    addresses = [
        "anna@acme.example", "Anna.O'Neil+x@ACME.example", "anna@bücher.example",
        "jürgen@acme.example", "anna.@acme.example", "anna@my_host.acme.example",
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
    assert len(taken) == 3


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
