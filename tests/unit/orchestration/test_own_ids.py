"""Ids of the product's own events, which nobody takes who has a link and the public write key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.own_ids import OWN, is_own
from ingestion.settings import Settings
from orchestration.delivery.told_steps import GENERATED, Step
from orchestration.lead_magnet.events import step_id
from orchestration.lead_magnet.requests import read_request, save_request
from orchestration.lead_magnet.tokens import Purpose, sign
from tests.collecting import KEY, Collecting, collecting, in_batch
from tests.unit.orchestration.offer_visits import REQUEST, Visit, request_id_of


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collecting]:
    with collecting(tmp_path) as collecting_here:
        yield collecting_here


def told_by_the_pages(visit: Visit) -> list[dict[str, Any]]:
    """The events of a visit that does all that pages write down; their request's first."""
    token = visit.ask()
    visit.client.get(f"/r/{token}")
    way_out = sign(visit.settings, Purpose.unsubscribe, request_id_of(visit, token))
    visit.client.post(f"/u/{way_out}")
    return visit.journal.messages


def test_all_that_pages_and_delivery_tell_has_an_id_that_is_ours_alone(visit: Visit) -> None:
    told = told_by_the_pages(visit)
    names = [each.get("event", each["type"]) for each in told]
    assert names == ["identify", "report_form_submit", "report_opened", "unsubscribe"]
    assert all(is_own(each["messageId"]) for each in told)
    request_id = told[1]["messageId"]
    assert is_own(Step(GENERATED, request_id, "site_readiness", visit.now).event_id)


def test_who_has_a_link_and_the_write_key_takes_no_place_of_an_event(
    visit: Visit, collector: Collecting
) -> None:
    told = told_by_the_pages(visit)
    # of two contents of an id the smaller md5 stays, so one of so many would win
    forged = [
        in_batch(each["messageId"], event="x", properties={"n": number})
        for each in told
        for number in range(20)
    ]
    answer = collector.post("/v1/batch", {"batch": forged})
    assert {each["reason"] for each in answer.json()["refused"]} == {"reserved_id"}
    assert len(answer.json()["refused"]) == len(forged)
    lines = "".join(json.dumps(each) + "\n" for each in told)
    (collector.settings.landing / "told.ndjson").write_text(lines)
    loaded = collector.load()
    assert {event["event_id"]: event["event_name"] for event in loaded.events} == {
        each["messageId"]: each.get("event") for each in told
    }
    assert [code for code, _ in loaded.rejected] == ["reserved_id"] * len(forged)


SPELLINGS: list[dict[str, Any]] = [
    {"messageId": f"{OWN}1"},
    {"messageId": f" \u00a0\ufeff{OWN}1\n"},
    {"messageId": f"{OWN[:3]}\ud800{OWN[3:]}1"},
    {"messageId": f"\u0000{OWN}1\u0000"},
    {"message_id": f"{OWN}1"},
    {"event_id": f"{OWN}1"},
    {"messageId": "harmless", "event_id": f"{OWN}1"},
    {"messageId": "", "message_id": f"{OWN}1"},
    {"mess\ud800ageId": f"{OWN}1"},
    {"messageId\u0000": f"{OWN}1"},
    {"MESSAGEID": f"{OWN}1"},
    {"messageId": [f"{OWN}1"]},
    {"messageId": {"messageId": f"{OWN}1"}},
]


def test_an_id_of_ours_is_never_loaded_from_others_however_it_is_spelled(
    collector: Collecting,
) -> None:
    for spelling in SPELLINGS:
        body = json.dumps({"batch": [in_batch(None) | spelling]})
        answer = collector.client.post("/v1/batch", content=body, auth=(KEY, ""))
        assert answer.status_code == 200
        refusing = collector.client.post(
            "/v1/batch", content=body, auth=(KEY, ""), headers={"sec-gpc": "1"}
        )
        assert refusing.status_code == 200
    loaded = collector.load()
    assert not [event for event in loaded.events if is_own(event["event_id"])]
    assert {code for code, _ in loaded.rejected} == {"reserved_id"}
    assert len(loaded.rejected) >= 8


def test_a_request_that_an_earlier_version_took_goes_on_working(settings: Settings) -> None:
    assert not is_own(REQUEST.request_id)
    save_request(settings, REQUEST)
    assert read_request(settings, REQUEST.request_id) == REQUEST
    # as that version told it: else a step would be told twice
    assert step_id(REQUEST.request_id, GENERATED) == "0622f210-f3d3-5eb1-a625-0fe5ff3233dc"
    visit = Visit(settings)
    token = sign(settings, Purpose.report, REQUEST.request_id)
    assert visit.client.get(f"/r/{token}").status_code == 200
