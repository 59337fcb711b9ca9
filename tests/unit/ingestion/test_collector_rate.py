"""How much an address may send, as the collector answers it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ingestion.collector.application import application
from ingestion.collector.journal import Journal
from tests.collecting import KEY, collecting, in_batch, settings_in, track


def test_a_few_packed_bytes_that_become_many_lines_count_as_what_they_become(
    tmp_path: Path,
) -> None:
    body = {"batch": [in_batch(None, context=None)] * 1_000, "context": {"x": "y" * 1_500}}
    packed = gzip.compress(json.dumps(body).encode())
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    with collecting(tmp_path, collect_rate=5) as collector:
        answers = [
            collector.client.post("/v1/batch", content=packed, headers=headers, auth=(KEY, ""))
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert len(packed) < 2_000


def test_an_address_that_sends_too_much_is_told_when_to_come_back(tmp_path: Path) -> None:
    with collecting(tmp_path, collect_rate=1) as collector:
        statuses = [
            collector.post("/v1/track", track(f"m{number}")).status_code for number in range(12)
        ]
        answer = collector.post("/v1/track", track("more"), headers={"origin": "https://a.example"})
        assert statuses.count(200) in (10, 11)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert len(collector.landed()) == statuses.count(200)


async def page(_request: Request) -> Response:
    return PlainTextResponse("taken")


def test_what_pages_are_sent_counts_like_what_the_api_is_sent(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, collect_rate=1)
    pages = [Route("/u/{token}", page, methods=["GET", "POST"])]
    headers = {"accept": "text/html"}
    with (
        Journal(settings) as journal,
        TestClient(application(settings, journal, pages=pages), headers=headers) as client,
    ):
        # as often as it takes, since by the real clock one more may be sent each second
        answers = [client.post("/u/x") for _ in range(30)]
        by_the_api = [
            client.post("/v1/track", json=track(), auth=(KEY, "")).status_code for _ in range(5)
        ]
        assert client.get("/u/x").text == "taken"
    assert [answer.text for answer in answers[:10]] == ["taken"] * 10
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "too many requests from one address" in refused.text
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["x-frame-options"] == "DENY"
    assert 429 in by_the_api
