"""The way to the calendar, for the qualified alone, and the way out of mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.lead_magnet.booking import booking_url, check_booking_url
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.tokens import Purpose, sign
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.offer_visits import (
    OFFER,
    REQUEST,
    MemoryJournal,
    Page,
    Visit,
    booking_links,
    publish,
    request_id_of,
    row_of,
)


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


def test_who_is_unsubscribed_already_is_told_and_may_say_so_again(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    way_out = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    assert "unsubscribed already" not in visit.client.get(way_out).text
    visit.client.post(way_out)
    assert "unsubscribed already" in visit.client.get(way_out).text
    visit.wait(minutes=1)
    visit.client.post(way_out)
    assert len(visit.journal.named("unsubscribe")) == 2


def test_who_the_last_refresh_knows_as_unsubscribed_is_told(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    way_out = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    publish(visit.settings, [row_of(request_id, is_qualified=True, is_mail_refused=True)])
    page = visit.client.get(way_out).text
    assert "unsubscribed already" in page
    assert "Unsubscribe again" in page
    assert visit.journal.named("unsubscribe") == []


def test_a_mail_program_unsubscribes_by_one_click_without_a_cookie(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    answers = [
        # after a restart, which knows of no earlier no
        visit.another_client().post(link, data={"List-Unsubscribe": "One-Click"}, headers=headers)
        for headers in ({"user-agent": "Mail-Program/1.0"}, {"sec-gpc": "1"})
    ]
    answers.append(visit.client.post(link, files={"List-Unsubscribe": (None, "One-Click")}))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all("set-cookie" not in answer.headers for answer in answers)
    events = visit.journal.named("unsubscribe")
    # an event of its own each time: the last word counts, also after a yes in between
    assert len({event["messageId"] for event in events}) == 3


def test_an_unsubscribing_that_could_not_be_written_says_so(visit: Visit) -> None:
    request_id = request_id_of(visit, visit.ask())
    visit.journal.failure = OSError("disk full")
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id)}"
    assert visit.client.post(link).status_code == 503


def test_a_link_that_is_pressed_again_and_again_is_one_event_a_minute(visit: Visit) -> None:
    token, other = visit.ask(), visit.ask(full_name="Anna B.", email="ANNA@acme.example")
    links = [
        f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id_of(visit, each))}"
        for each in (token, other)
    ]
    for link in links * 10:
        assert "You are unsubscribed" in visit.client.post(link).text
    assert len(visit.journal.named("unsubscribe")) == 1
    visit.wait(seconds=59)
    visit.client.post(links[0])
    assert len(visit.journal.named("unsubscribe")) == 1
    visit.wait(seconds=1)
    visit.client.post(links[0])
    assert len({each["messageId"] for each in visit.journal.named("unsubscribe")}) == 2


def test_a_no_right_after_a_yes_is_an_event_also_within_the_minute(visit: Visit) -> None:
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id_of(visit, visit.ask()))}"
    visit.client.post(link)
    visit.ask(marketing_consent="yes")
    assert "unsubscribed already" not in visit.client.get(link).text
    visit.client.post(link)
    assert len(visit.journal.named("unsubscribe")) == 2


def test_what_could_not_be_written_is_not_known_as_said(visit: Visit) -> None:
    link = f"/u/{sign(visit.settings, Purpose.unsubscribe, request_id_of(visit, visit.ask()))}"
    visit.journal.failure = OSError("disk full")
    assert visit.client.post(link).status_code == 503
    visit.journal.failure = None
    assert visit.client.post(link).status_code == 200
    assert len(visit.journal.named("unsubscribe")) == 1
