"""Access logs: pages are events, all else is counted."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.unit.ingestion.conftest import Warehouse, at

AGENT = "Mozilla/5.0 (X11) Firefox/140"


def line(
    request: str = "GET /pricing?utm_source=x HTTP/1.1",
    status: int = 200,
    *,
    address: str = "203.0.113.77",
    user: str = "-",
    time: str = "17/May/2015:10:05:03 +0000",
    size: str = "512",
    referrer: str = "https://www.google.com/",
    agent: str = AGENT,
) -> str:
    return f'{address} - {user} [{time}] "{request}" {status} {size} "{referrer}" "{agent}"\n'


def test_a_successful_get_of_a_page_is_a_page_event(loaded: Warehouse) -> None:
    row = loaded.load(line(user="anna"))
    assert (row.format, row.record_count, row.loaded_count) == ("access_log", 1, 1)
    [event] = loaded.events()
    nothing = [
        "event_name", "email", "previous_id", "group_id", "client_session_id", "sent_at",
        "received_at", "page_title", "consent", "traits", "context",
    ]  # fmt: skip
    assert [event[name] for name in nothing] == [None] * len(nothing)
    assert {
        name: event[name]
        for name in (
            "event_type", "user_id", "event_at", "original_timestamp", "page_url", "page_referrer",
            "user_agent", "ip_prefix", "properties", "source",
        )
    } == {
        "event_type": "page",
        "user_id": "anna",
        "event_at": at("2015-05-17 10:05:03"),
        "original_timestamp": at("2015-05-17 10:05:03"),
        "page_url": "/pricing?utm_source=x",
        "page_referrer": "https://www.google.com/",
        "user_agent": AGENT,
        "ip_prefix": "203.0.113.0/24",
        "properties": '{"bytes":512,"status":200}',
        "source": "access_log",
    }  # fmt: skip


def test_the_visitor_is_a_keyed_hash_of_address_and_agent(loaded: Warehouse) -> None:
    loaded.load(
        line()
        + line("GET /two HTTP/1.1")
        + line("GET /three HTTP/1.1", address="203.0.113.78")
        + line("GET /four HTTP/1.1", agent="other")
    )
    first, second, third, fourth = (event["anonymous_id"] for event in loaded.events())
    key = loaded.settings.secret_key()
    inner = hashlib.sha256(f"{key}203.0.113.77 {AGENT}".encode()).hexdigest()
    assert first == "log-" + hashlib.sha256(f"{key}{inner}".encode()).hexdigest()[:32]
    assert second == first
    assert len({first, third, fourth}) == 3


def test_the_key_stands_in_no_query(loaded: Warehouse) -> None:
    loaded.connection.execute("set enable_logging = true")
    loaded.load(line())
    logged = str(loaded.rows("select * from duckdb_logs"))
    assert "intent_secret_key" in logged
    assert loaded.settings.secret_key() not in logged


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /a HTTP/1.1", 200),
        ("GET /a HTTP/1.1", 206),
        ("GET /a HTTP/1.1", 299),
        ("GET /a HTTP/1.1", 304),
        ("GET /a.html HTTP/2.0", 200),
        ("GET /whitepaper.pdf HTTP/1.1", 200),
        ("GET /a?file=logo.png HTTP/1.1", 200),
        ("GET /a/style.css/ HTTP/1.1", 200),
        ("GET /a b HTTP/1.1", 200),
        ("GET /a", 200),
        ("GET /robots.txt.html HTTP/1.1", 200),
    ],
)
def test_pages_are_loaded(loaded: Warehouse, request_line: str, status: int) -> None:
    row = loaded.load(line(request_line, status))
    assert row.loaded_count == 1


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /a HTTP/1.1", 199),
        ("GET /a HTTP/1.1", 301),
        ("GET /a HTTP/1.1", 404),
        ("GET /a HTTP/1.1", 500),
        ("POST /a HTTP/1.1", 200),
        ("HEAD /a HTTP/1.1", 200),
        ("get /a HTTP/1.1", 200),
        ("GET /logo.png HTTP/1.1", 200),
        ("GET /LOGO.PNG?v=2 HTTP/1.1", 200),
        ("GET /app.js#x HTTP/1.1", 200),
        ("GET /robots.txt HTTP/1.1", 200),
        ("GET /favicon.ico HTTP/1.1", 304),
        ("-", 408),
        (r"\x16\x03\x01", 400),
    ],
)
def test_all_other_requests_are_skipped(loaded: Warehouse, request_line: str, status: int) -> None:
    row = loaded.load(line() + line(request_line, status))
    assert (row.loaded_count, row.skipped_count, row.rejected_count) == (1, 1, 0)


def test_lines_that_cannot_be_read_are_rejected(loaded: Warehouse) -> None:
    row = loaded.load(
        line()
        + "what is this\n"
        + line(time="17/Foo/2015:10:05:03 +0000")
        + line()[:-20] + "\n"
        + "\n"
    )  # fmt: skip
    assert (row.loaded_count, row.rejected_count, row.blank_count) == (1, 3, 1)
    assert [reason for _, reason in loaded.rejected()] == [
        "unparsable_line",
        "unreadable_time",
        "unparsable_line",
    ]


def test_the_common_format_has_neither_referrer_nor_agent(loaded: Warehouse) -> None:
    row = loaded.load('203.0.113.77 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.0" 200 -\n')
    assert row.loaded_count == 1
    [event] = loaded.events()
    assert (event["page_referrer"], event["user_agent"]) == (None, None)
    assert event["properties"] == '{"status":200}'
    assert event["event_at"] == at("2015-05-17 10:05:03") - timedelta(hours=2)


def test_escapes_of_the_server_are_read_back(loaded: Warehouse) -> None:
    loaded.load(line(agent=r"a \"quoted\" \x22agent\x22 \\ \xe4", referrer=r"http://\xe4.example/"))
    [event] = loaded.events()
    assert event["user_agent"] == r'a "quoted" "agent" \ \xe4'
    assert event["page_referrer"] == r"http://\xe4.example/"


def test_more_than_the_combined_format_is_not_read(loaded: Warehouse) -> None:
    row = loaded.load(line()[:-1] + ' "203.0.113.9" 0.004\n')
    assert row.loaded_count == 1


@pytest.mark.parametrize(
    "front", ["www.example.com:443 203.0.113.77", "203.0.113.77, 10.0.0.1", "203.0.113.77,10.0.0.1"]
)
def test_the_server_s_name_and_proxies_are_no_part_of_who_came(
    loaded: Warehouse, front: str
) -> None:
    loaded.load(line("GET /a HTTP/1.1") + line("GET /b HTTP/1.1", address=front))
    one, other = loaded.events()
    assert one["anonymous_id"] == other["anonymous_id"]
    assert other["ip_prefix"] == "203.0.113.0/24"
    assert other["user_id"] is None


@pytest.mark.parametrize("address", ["::1", "2001:db8::1:443", "203.0.113.77:8080"])
def test_an_address_with_colons_is_no_server_s_name(loaded: Warehouse, address: str) -> None:
    loaded.load(line(address=address, user="anna"))
    assert [event["user_id"] for event in loaded.events()] == ["anna"]


@pytest.mark.parametrize("front", ["www.example.com 203.0.113.77", "12 www.example.com ::1"])
def test_a_line_with_something_else_in_front_is_rejected(loaded: Warehouse, front: str) -> None:
    row = loaded.load(line() + line(address=front))
    assert (row.loaded_count, row.rejected_count) == (1, 1)
    assert [reason for _, reason in loaded.rejected()] == ["unparsable_line"]


def test_identical_lines_are_one_event(loaded: Warehouse) -> None:
    row = loaded.load(line() + line())
    assert (row.loaded_count, row.duplicate_count) == (1, 1)


def test_a_user_may_have_a_blank_in_the_name(loaded: Warehouse) -> None:
    loaded.load(line(user="anna ash"))
    assert [event["user_id"] for event in loaded.events()] == ["anna ash"]


@pytest.mark.parametrize(
    ("last", "unfinished"),
    [
        (line("GET /last HTTP/1.1")[:-1], 0),
        (line("GET /last HTTP/1.1")[:-2], 1),
        ('203.0.113.77 - - [17/May/2015:10:05:03 +0000] "GET /last HTTP/1.0" 200 51', 1),
        ("203.0.113", 1),
        ("  ", 0),
    ],
)
def test_a_last_line_without_its_end_counts_when_it_is_whole(
    loaded: Warehouse, last: str, unfinished: int
) -> None:
    row = loaded.load(line() + last)
    assert row.unfinished_count == unfinished
    assert row.rejected_count == 0
