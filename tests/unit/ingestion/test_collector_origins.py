"""Pages of other origins, the first-party cookie, the tracker's file, the headers of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ingestion.collector.application import application
from ingestion.collector.journal import Journal, JournalBusyError, JournalFailedError
from ingestion.consent import consent_category
from ingestion.settings import PROJECT_ROOT
from tests.collecting import KEY, Collecting, collecting, in_batch, settings_in, track

SITE = "https://www.example.com"
CATEGORY = consent_category(PROJECT_ROOT)
OF_THE_SITE: dict[str, Any] = {
    "site_domains": ("example.com",),
    "public_url": "https://go.example.com",
    "first_party_cookie": True,
}


def preflight(collector: Collecting, origin: str) -> Any:
    return collector.client.options(
        "/v1/t",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


def test_any_page_may_send_and_none_with_credentials(tmp_path: Path) -> None:
    with collecting(tmp_path) as collector:
        asked = preflight(collector, SITE)
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "POST" in asked.headers["access-control-allow-methods"]
        allowed = asked.headers["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type", "x-retry-count"} <= set(allowed)
        answer = collector.post("/v1/t", track(), headers={"Origin": SITE})
        refused = collector.client.post("/v1/t", content=b"{", headers={"Origin": SITE})
        for each in (asked, answer, refused):
            assert each.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in each.headers
            assert "set-cookie" not in each.headers


def test_with_origins_set_the_pages_of_others_are_refused(tmp_path: Path) -> None:
    with collecting(tmp_path, collect_origins=(SITE,)) as collector:
        assert preflight(collector, SITE).headers["access-control-allow-origin"] == SITE
        assert preflight(collector, "https://evil.example").status_code == 403
        for origin, status in ((SITE, 200), ("https://evil.example", 403), ("null", 403)):
            answer = collector.post("/v1/track", track(), headers={"Origin": origin})
            assert answer.status_code == status
            assert answer.headers.get("access-control-allow-origin") == (
                SITE if status == 200 else None
            )
        # a server sends no Origin
        assert collector.post("/v1/track", track("m2")).status_code == 200
        assert len(collector.landed()) == 2


def test_the_cookie_holds_the_id_that_the_tracker_goes_by(tmp_path: Path) -> None:
    with collecting(tmp_path, **OF_THE_SITE) as collector:
        batch = {"batch": [in_batch(anonymousId="device-1")]}
        answer = collector.post("/v1/batch", batch, headers={"Origin": SITE})
        assert answer.headers["access-control-allow-origin"] == SITE
        assert answer.headers["access-control-allow-credentials"] == "true"
        name, *attributes = answer.headers["set-cookie"].split("; ")
        assert name == "intent_anonymous_id=device-1"
        assert sorted(attributes) == [
            "Domain=example.com", "Max-Age=31536000", "Path=/", "SameSite=lax", "Secure",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        ({}, {"context": {"consent": {"categoryPreferences": {CATEGORY: False}}}}),
        ({}, {"context": {"consent": {"category_preferences": {CATEGORY: "No"}}}}),
        ({}, {"context": f'{{"consent":{{"categoryPreferences":{{"{CATEGORY}":false}}}}}}'}),
        ({"consent": {"categoryPreferences": {CATEGORY: False}}}, {}),
        ({}, {"consent": "denied"}),
    ],
)
def test_no_cookie_for_who_denies_consent_in_any_words_that_the_loader_knows(
    tmp_path: Path, shared: dict[str, Any], message: dict[str, Any]
) -> None:
    with collecting(tmp_path, **OF_THE_SITE) as collector:
        batch = {"batch": [in_batch(anonymousId="device-1", **message)], "context": shared}
        answer = collector.post("/v1/batch", batch, headers={"Origin": SITE})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        [event] = collector.load().events
        assert event["consent"] == "denied"


@pytest.mark.parametrize(
    ("origin", "device", "header"),
    [
        ("https://www.example.org", "device-1", {}),
        ("https://notexample.com", "device-1", {}),
        (None, "device-1", {}),
        (SITE, "device-1", {"Sec-GPC": "1"}),
        (SITE, "a; Domain=evil.example", {}),
        (SITE, "device\r\nX-Evil: 1", {}),
        (SITE, 12_345_678, {}),
        (SITE, None, {}),
    ],
)
def test_no_cookie_for_other_sites_signals_or_what_is_no_id(
    tmp_path: Path, origin: str | None, device: Any, header: dict[str, str]
) -> None:
    with collecting(tmp_path, **OF_THE_SITE) as collector:
        headers = {**header, **({"Origin": origin} if origin else {})}
        answer = collector.post("/v1/track", track(anonymousId=device), headers=headers)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "x-evil" not in answer.headers


NO_ORIGINS = ("http://[", "https://www.example.com]", "https://[www.example.com]")


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_an_origin_that_cannot_be_read_is_a_foreign_one(tmp_path: Path, origin: str) -> None:
    sent = {"Origin": origin}
    with collecting(tmp_path, **OF_THE_SITE) as collector:
        answer = collector.post("/v1/t", track(anonymousId="device-1"), headers=sent)
        asked = collector.client.options("/v1/t", headers=sent)
        assert (answer.status_code, asked.status_code) == (200, 204)
        for each in (answer, asked):
            assert each.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in each.headers
            assert "set-cookie" not in each.headers
        assert collector.one()["messageId"] == "m1"


def test_what_goes_wrong_with_the_answer_goes_wrong_before_the_event_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    with collecting(tmp_path, **OF_THE_SITE) as collector:
        for method in ("give_cookie", "headers"):
            with monkeypatch.context() as patch:
                patch.setattr(f"ingestion.collector.origins.Origins.{method}", fail)
                assert collector.post("/v1/t", track(anonymousId="device-1")).status_code == 500
        assert collector.landed() == []


def test_the_tracker_is_served_with_a_tag_and_unchanged_is_not_sent_again(tmp_path: Path) -> None:
    tracker = tmp_path / "tracker.js"
    tracker.write_text("'the tracker';" * 100)
    with collecting(tmp_path, tracker=tracker) as collector:
        first = collector.client.get("/tracker.js", headers={"Origin": SITE})
        assert first.text == tracker.read_text()
        assert first.headers["content-type"] == "text/javascript; charset=utf-8"
        assert first.headers["content-encoding"] == "gzip"
        assert "max-age=3600" in first.headers["cache-control"]
        assert first.headers["cross-origin-resource-policy"] == "cross-origin"
        for tag in (first.headers["etag"], f'W/{first.headers["etag"]}, "other"'):
            again = collector.client.get("/tracker.js", headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b"")
        other = collector.client.get("/tracker.js", headers={"If-None-Match": '"other"'})
        assert other.status_code == 200


def test_a_checkout_without_a_tracker_says_so(tmp_path: Path) -> None:
    with collecting(tmp_path, tracker=tmp_path / "absent.js") as collector:
        answer = collector.client.get("/tracker.js")
        assert (answer.status_code, answer.json()["code"]) == (404, "tracker_missing")


def test_segments_client_is_told_where_events_go(tmp_path: Path) -> None:
    with collecting(tmp_path, public_url="https://go.example.com/in") as collector:
        told = collector.client.get(f"/v1/projects/{KEY}/settings").json()
        assert told["integrations"]["Segment.io"] == {
            "apiKey": KEY, "apiHost": "go.example.com/in/v1", "protocol": "https",
        }  # fmt: skip
        assert collector.client.get("/v1/projects/other/settings").status_code == 404


async def page_that_fails(_request: Request) -> PlainTextResponse:
    raise KeyError("who@example.com")


async def page_of_a_full_disk(_request: Request) -> PlainTextResponse:
    raise JournalFailedError("the disk is full")


async def page_that_waits(_request: Request) -> PlainTextResponse:
    raise JournalBusyError


async def page_with_its_own(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("page", headers={"Content-Security-Policy": "default-src 'self'"})


async def page_that_reads(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def test_pages_of_others_have_the_same_guard(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    endpoints = {
        "/fails": page_that_fails, "/full": page_of_a_full_disk, "/waits": page_that_waits,
        "/own": page_with_its_own,
    }  # fmt: skip
    pages = [Route(path, endpoint) for path, endpoint in endpoints.items()]
    pages.append(Route("/reads", page_that_reads, methods=["POST"]))
    with (
        Journal(settings) as journal,
        TestClient(application(settings, journal, pages=pages)) as client,
    ):
        answers = {path: client.get(path) for path in (*endpoints, "/absent", "/healthz")}
        large = client.post("/reads", content=b"x" * 513_000)
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert statuses == {
        "/fails": 500, "/full": 503, "/waits": 429, "/own": 200, "/absent": 404, "/healthz": 200,
    }  # fmt: skip
    assert large.status_code == 413
    assert "the disk is full" in answers["/full"].json()["message"]
    assert answers["/own"].headers["content-security-policy"] == "default-src 'self'"
    assert answers["/absent"].headers["content-security-policy"].startswith("default-src 'none'")
    for answer in answers.values():
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
    log = (settings.logs / "collector.log").read_text()
    assert "error KeyError at test_collector_origins.py:" in log
    assert "who@example.com" not in log + answers["/fails"].text
