"""The collector on a real socket: stock clients, and clients that mean no good."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from segment.analytics.client import Client

from ingestion.collector import server
from ingestion.collector.limits import Limits
from tests.collecting import KEY, VISITOR, landed, load_landing, serving, settings_in, track

ANSWER_SECONDS = 20


def exchanged(url: str, sent: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    parts = urlsplit(url)
    assert parts.hostname
    found = b""
    with (
        socket.create_connection((parts.hostname, parts.port), ANSWER_SECONDS) as connection,
        contextlib.suppress(ConnectionResetError),
    ):
        connection.sendall(sent)
        while part := connection.recv(65_536):
            found += part
    return found


def test_segments_client_for_python_works_unchanged(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    failed: list[Any] = []
    with serving(settings) as url:
        plain, packed = (
            Client(KEY, host=url, gzip=is_packed, on_error=lambda *told: failed.append(told))
            for is_packed in (False, True)
        )
        plain.identify("user-1", {"email": "anna@acme.example", "name": "Anna"})
        plain.track("user-1", "signup", {"plan": "pro"}, message_id="given")
        plain.page(
            anonymous_id="device-1", name="Pricing", properties={"url": "https://a.example/"}
        )
        packed.screen("user-1", "Home")
        packed.group("user-1", "group-1", {"name": "Acme"})
        packed.alias("device-1", "user-1")
        plain.shutdown()
        packed.shutdown()
    assert failed == []
    loaded = load_landing(settings)
    events = {event["event_type"]: event for event in loaded.events}
    assert (loaded.rejected, loaded.record_count, len(events)) == ([], 6, 6)
    assert (events["track"]["event_id"], events["track"]["event_name"]) == ("given", "signup")
    assert json.loads(events["track"]["properties"]) == {"plan": "pro"}
    assert events["identify"]["email"] == "anna@acme.example"
    assert events["page"]["anonymous_id"] == "device-1"
    assert events["page"]["page_url"] == "https://a.example/"
    assert events["group"]["group_id"] == "group-1"
    assert (events["alias"]["previous_id"], events["alias"]["user_id"]) == ("device-1", "user-1")
    for event in events.values():
        assert event["received_at"] >= event["sent_at"]
        assert abs((event["event_at"] - event["received_at"]).total_seconds()) < 60
        # of a server, which is no visitor
        assert (event["user_agent"], event["ip_prefix"]) == (None, None)
        context = json.loads(event["context"])
        assert context["library"]["name"] == "analytics-python"
        assert "_metadata" not in context


@pytest.mark.parametrize(
    ("proxies", "prefix"), [(("127.0.0.1",), "203.0.113.0"), (("192.0.2.1",), "127.0.0.0")]
)
def test_the_address_of_the_visitor_is_taken_from_trusted_proxies_alone(
    tmp_path: Path, proxies: tuple[str, ...], prefix: str
) -> None:
    settings = settings_in(tmp_path, trusted_proxies=proxies)
    with serving(settings) as url:
        answer = httpx.post(
            f"{url}/v1/track",
            json=track(),
            auth=(KEY, ""),
            headers={"X-Forwarded-For": f"198.51.100.1, {VISITOR}"},
        )
        assert answer.status_code == 200
    [message] = landed(settings)
    assert message["context"]["ip"] == prefix


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A collector that gives slow clients a fifth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "HEADER_SECONDS", 0.2)
        patch.setattr(server, "KEPT_OPEN_SECONDS", 0)
        settings = settings_in(tmp_path_factory.mktemp("hurried"))
        with serving(settings, Limits(body_seconds=0.2)) as url:
            yield url


START = b"POST /v1/track HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"POST /v1/tr",
        START + b"X-Slow: 1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /heal",
    ],
)
def test_a_client_that_does_not_finish_its_headers_is_hung_up_on(hurried: str, sent: bytes) -> None:
    answer = exchanged(hurried, sent)
    assert answer.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")


def test_a_client_that_does_not_finish_its_body_is_told_and_hung_up_on(hurried: str) -> None:
    for header in (
        b"Content-Length: 100\r\n\r\n{",
        b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ):
        answer = exchanged(hurried, START + header)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"body_too_slow" in answer


@pytest.mark.parametrize("rest", [b"{", b"{" + b" " * 98, b"{" + b" " * 98 + b"}"])
def test_a_body_that_was_answered_unread_holds_no_connection(hurried: str, rest: bytes) -> None:
    """The rest comes once the answer is there; a part of it, all but a byte, or all."""
    parts = urlsplit(hurried)
    request = b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), ANSWER_SECONDS) as connection:
        connection.sendall(request)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 404")
        connection.sendall(rest)
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(65_536):
                pass  # until the server closes; where it does not, the time for an answer ends


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Huge: " + b"x" * 100_000 + b"\r\n\r\n",
        b"X-Endless: " + b"x" * 100_000,
        b"X-Large: " + b"x" * server.HEADER_BYTES + b"\r\n\r\n",
        b"".join(b"X-%d: %s\r\n" % (n, b"x" * 90) for n in range(1_000)) + b"\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
        b"X-Nul: a\x00b\r\n\r\n",
        b"X Space: 1\r\n\r\n",
        b"\xff\xfe: 1\r\n\r\n",
    ],
)
def test_headers_that_are_none_are_refused_and_nothing_breaks(hurried: str, headers: bytes) -> None:
    answer = exchanged(hurried, START + headers)
    assert answer == b"" or answer.split(b" ")[1] in (b"400", b"413", b"431")
    assert httpx.get(f"{hurried}/healthz").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Basic !!!\r\n",
        b"Authorization: Basic\r\n",
        b"Authorization: Bearer x\r\n",
        b"Content-Encoding: \xff\r\n",
        b"User-Agent: \xff\xfe\r\nContent-Type: ;;;\r\nOrigin: \xff\r\n",
        b"Sec-GPC: \xff\r\nX-Forwarded-For: , ,\xff\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"Expect: 100-continue\r\n",
    ],
)
def test_odd_headers_are_answered_as_requests(hurried: str, header: bytes) -> None:
    body = json.dumps({**track(), "writeKey": KEY}).encode()
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    answer = exchanged(hurried, START + header + length + body)
    status = [line.split(b" ")[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/")]
    assert status[-1] in (b"200", b"400", b"415")
    assert b"erver: " not in answer
