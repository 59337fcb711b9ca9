"""The collector's answers, and what of a request reaches the disk."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ingestion.collector.messages import reserved_events
from ingestion.settings import PROJECT_ROOT
from tests.collecting import AT, BROWSER, KEY, Collecting, in_batch, track

KINDS = ("track", "page", "identify", "screen", "group", "alias")


def test_every_kind_of_event_is_taken_on_each_of_its_paths(collector: Collecting) -> None:
    paths = [path for kind in KINDS for path in (f"/v1/{kind}", f"/{kind}", f"/v1/{kind[0]}")]
    for path in paths:
        answer = collector.post(path, track(path))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    kinds = {message["messageId"]: message["type"] for message in collector.landed()}
    assert kinds == {path: kind for path in paths for kind in KINDS if f"/{kind[0]}" in path}


def test_an_answer_of_200_comes_when_the_event_is_in_the_file(collector: Collecting) -> None:
    assert collector.post("/v1/track", track()).status_code == 200
    [part] = collector.settings.landing.glob("events-*.ndjson.part")
    assert json.loads(part.read_text())["messageId"] == "m1"
    assert part.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/v1/batch", "/batch", "/v1/b"])
def test_messages_of_a_batch_have_its_context_and_when_it_was_sent(
    collector: Collecting, path: str
) -> None:
    own = in_batch("own", context={"page": {"title": "Own"}}, sentAt="2026-06-01T10:00:00Z")
    batch = {
        "batch": [in_batch("bare"), own],
        "sentAt": "2026-06-01T09:30:00Z",
        "context": {"page": {"url": "https://a.example/", "title": "Shared"}},
    }
    assert collector.post(path, batch).json() == {"success": True}
    bare, own = collector.landed()
    assert bare["sentAt"] == "2026-06-01T09:30:00Z"
    assert bare["context"]["page"] == {"url": "https://a.example/", "title": "Shared"}
    assert own["sentAt"] == "2026-06-01T10:00:00Z"
    assert own["context"]["page"] == {"url": "https://a.example/", "title": "Own"}


def test_the_write_key_may_stand_in_the_body_of_plain_text(collector: Collecting) -> None:
    body = json.dumps({**track(), "writeKey": KEY})
    answer = collector.client.post(
        "/v1/track", content=body, headers={"content-type": "text/plain;charset=UTF-8"}
    )
    assert answer.status_code == 200
    assert "writeKey" not in collector.one()


@pytest.mark.parametrize(
    ("auth", "body", "status", "code"),
    [
        (None, {}, 400, "write_key_missing"),
        (("", ""), {}, 400, "write_key_missing"),
        (None, {"writeKey": 5}, 400, "write_key_missing"),
        (("another", ""), {}, 401, "write_key_unknown"),
        (None, {"writeKey": "kéy\ud800"}, 401, "write_key_unknown"),
        (("another", ""), {"writeKey": KEY}, 401, "write_key_unknown"),
    ],
)
def test_without_the_write_key_nothing_is_taken(
    collector: Collecting, auth: Any, body: dict[str, Any], status: int, code: str
) -> None:
    answer = collector.client.post("/v1/track", content=json.dumps({**track(), **body}), auth=auth)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert collector.landed() == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b'{"a": NaN}', 400, "invalid_json"),
        (b'{"a": 1e999}', 400, "invalid_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", 400, "invalid_json"),
        (b'{"a": "\xff"}', 400, "invalid_utf8"),
        ('{"a": 1}'.encode("utf-16"), 400, "invalid_utf8"),
        (b"[1]", 400, "not_an_object"),
        (b"null", 400, "not_an_object"),
        (b"[" * 20_000, 400, "body_too_deep"),
        (b'{"a":' * 4_000 + b"1" + b"}" * 4_000, 400, "body_too_deep"),
    ],
)
def test_what_is_no_object_of_json_is_answered_with_the_reason(
    collector: Collecting, body: bytes, status: int, code: str
) -> None:
    answer = collector.client.post("/v1/track", content=body, auth=(KEY, ""))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["success"] is False
    assert collector.landed() == []


def test_deep_json_is_taken_or_refused_and_breaks_nothing(collector: Collecting) -> None:
    taken = 0
    for depth in (100, *range(300, 1_000, 47)):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        for path, body in (
            ("/v1/track", b'{"event":"e","properties":%s}' % deep),
            ("/v1/batch", b'{"context":%s,"batch":[{"type":"track","event":"e"}]}' % deep),
            ("/v1/batch", b'{"batch":[{"type":"track","event":"booked","context":%s}]}' % deep),
        ):
            answer = collector.client.post(path, content=body, auth=(KEY, ""))
            assert answer.status_code in ((200,) if depth == 100 else (200, 400)), depth
            taken += answer.status_code == 200
    assert taken > 3
    assert len(collector.landed()) == taken


@pytest.mark.parametrize("body", [{}, {"batch": {}}, {"batch": "[]"}, {"batch": None}])
def test_a_batch_without_messages_is_refused(collector: Collecting, body: Any) -> None:
    answer = collector.post("/v1/batch", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "batch_missing")


def test_an_empty_batch_is_taken(collector: Collecting) -> None:
    assert collector.post("/v1/batch", {"batch": []}).status_code == 200
    assert collector.landed() == []


def test_gzip_is_unpacked_also_of_several_members(collector: Collecting) -> None:
    text = json.dumps(track()).encode()
    body = gzip.compress(text[:20], mtime=0) + gzip.compress(text[20:])
    answer = collector.client.post(
        "/v1/track", content=body, auth=(KEY, ""), headers={"content-encoding": "gzip"}
    )
    assert answer.status_code == 200
    assert collector.one()["messageId"] == "m1"


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (gzip.compress(b" " * 50_000_000, mtime=0), "gzip", 413, "body_too_large"),
        (gzip.compress(b" " * 300_000, mtime=0) * 2, "gzip", 413, "body_too_large"),
        (gzip.compress(b"{}", mtime=0)[:-5], "gzip", 400, "body_cut_off"),
        (b"{}", "gzip", 400, "body_no_gzip"),
        (gzip.compress(b"{}", mtime=0) + b"rest", "gzip", 400, "body_no_gzip"),
        (b"{}", "br", 415, "encoding_unknown"),
    ],
)
def test_what_cannot_be_unpacked_within_bounds_is_refused(
    collector: Collecting, body: bytes, encoding: str, status: int, code: str
) -> None:
    answer = collector.client.post(
        "/v1/track", content=body, auth=(KEY, ""), headers={"content-encoding": encoding}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_event_of_32_kb_is_taken_and_a_larger_one_is_not(collector: Collecting) -> None:
    empty = len(json.dumps(track(properties={"a": ""}), separators=(",", ":")))
    for length, status in ((32 * 1024 - empty, 200), (32 * 1024 - empty + 1, 413)):
        answer = collector.post("/v1/track", track(properties={"a": "x" * length}))
        assert answer.status_code == status
    assert answer.json()["code"] == "event_too_large"
    assert len(collector.landed()) == 1


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_body_of_more_than_500_kb_is_refused(collector: Collecting, is_announced: bool) -> None:
    body = json.dumps({"batch": [in_batch(properties={"a": "x" * 513_000})]}).encode()
    content: Any = body if is_announced else iter([body[:300_000], body[300_000:]])
    answer = collector.client.post("/v1/batch", content=content, auth=(KEY, ""))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_batch_of_too_many_events_is_refused(collector: Collecting) -> None:
    answer = collector.post("/v1/batch", {"batch": [0] * 2_501})
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_long")


def test_a_context_that_would_be_copied_too_often_is_refused(collector: Collecting) -> None:
    context = {"text": "x" * 20_000}
    for count, status in ((100, 200), (300, 413)):
        batch = {"context": context, "batch": [in_batch(f"m{n}") for n in range(count)]}
        answer = collector.post("/v1/batch", batch)
        assert answer.status_code == status
    assert answer.json()["code"] == "context_too_large"
    assert len(collector.landed()) == 100


def test_of_a_batch_the_good_are_loaded_and_the_bad_are_in_the_quarantine(
    collector: Collecting,
) -> None:
    batch = [
        in_batch("good-1"),
        "text",
        None,
        [in_batch("hidden-1", event="report_form_submit")],
        {**in_batch("outer"), "batch": [in_batch("hidden-2", event="qualified")]},
        {**in_batch("outer-2"), "batch": [], "event": "x"},
        in_batch("large", properties={"a": "x" * 40_000}),
        in_batch("forged", event="report_form_submit"),
        in_batch("odd", type="purchase"),
        in_batch("late", timestamp="yesterday"),
        {"event": "x", "timestamp": AT},
        in_batch("good-2"),
    ]
    answer = collector.post("/v1/batch", {"batch": batch})
    refused = {each["index"]: each["reason"] for each in answer.json()["refused"]}
    assert answer.status_code == 200
    assert refused == {
        1: "not_an_object", 2: "not_an_object", 3: "not_an_object", 4: "nested_envelope",
        5: "nested_envelope", 6: "event_too_large", 7: "reserved_event",
    }  # fmt: skip
    loaded = collector.load()
    assert [event["event_id"] for event in loaded.events] == ["good-1", "good-2"]
    assert sorted(code for code, _ in loaded.rejected) == [
        "event_too_large", "missing_event_type", "nested_envelope", "nested_envelope",
        "not_an_object", "not_an_object", "not_an_object", "reserved_event",
        "unknown_event_type", "unreadable_time",
    ]  # fmt: skip
    texts = dict(loaded.rejected)
    assert '"messageId":"forged"' in texts["reserved_event"]
    assert len(texts["event_too_large"]) > 40_000
    assert loaded.record_count == len(batch)


def test_the_steps_that_only_the_server_may_tell_are_reserved() -> None:
    assert reserved_events() == {
        "report_form_submit", "report_generated", "report_delivered", "report_opened",
        "qualified", "booking_click", "booked", "unsubscribe", "mail_subscribe",
    }  # fmt: skip


SPELLINGS: list[dict[str, Any]] = [
    {"event": "report_form_submit"},
    {"event": " \u00a0\ufeffreport_form_submit\n"},
    {"event": "report_form\ud800_submit"},
    {"event": "report_form_submit\u0000"},
    {"event": None, "event_name": "report_form_submit"},
    {"type": "page", "event": None, "name": "report_form_submit"},
    {"type": None, "event_type": "track", "event": None, "event_name": "booked"},
    {"type": "TRACK ", "event": "booked"},
    {"ev\ud800ent": "booked", "event": None},
]


def test_a_reserved_event_is_never_loaded_however_it_is_spelled(collector: Collecting) -> None:
    forged = [
        {key: each for key, each in {**in_batch(f"m{place}"), **spelling}.items() if each}
        for place, spelling in enumerate(SPELLINGS)
    ]
    for body in ({"batch": forged}, {"batch": [{**each, "batch": 1} for each in forged]}):
        answer = collector.client.post("/v1/batch", content=json.dumps(body), auth=(KEY, ""))
        assert {each["reason"] for each in answer.json()["refused"]} == {"reserved_event"}
        assert len(answer.json()["refused"]) == len(forged)
    loaded = collector.load()
    assert loaded.events == []
    assert [code for code, _ in loaded.rejected] == ["reserved_event"] * 2 * len(forged)


def test_a_single_reserved_event_is_told_to_be_refused_and_kept(collector: Collecting) -> None:
    answer = collector.post("/v1/track", track(event="booked"))
    assert answer.status_code == 200
    assert answer.json() == {
        "success": False, "refused": [{"index": 0, "reason": "reserved_event"}],
    }  # fmt: skip
    message = collector.one()
    assert list(message) == ["collectorRefused", "message", "receivedAt"]
    assert message["message"]["event"] == "booked"


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [("/nope", "GET", 404, "There is no such page"), ("/v1/track", "GET", 405, "Method Not")],
)
def test_who_looks_at_what_is_not_there_gets_a_page_and_a_program_gets_json(
    collector: Collecting, path: str, method: str, status: int, words: str
) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = collector.client.request(method, path, headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert words in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    told = collector.client.request(method, path, headers={"accept": "*/*"})
    assert (told.status_code, told.json()["success"]) == (status, False)


ALLOWING: list[Any] = [
    {"can_email": True, "unsubscribed": False, "do_not_email": "No "},
    {"can_email": 1, "unsubscribed": "0"},
    {"can_email\u0000": " YES"},
    {"can_email": "on\u0000"},
    {"can_email": "perhaps"},
    '{"can_email": true, "can_email": false}',
    ' {"can\\u005femail": "y"}',
    '{"can_email": true,}',
    '{"can_email": true, "size": 1e999}',
]


def test_whoever_knows_the_write_key_cannot_take_back_an_unsubscribe(
    collector: Collecting,
) -> None:
    for place, traits in enumerate(ALLOWING):
        answer = collector.post(
            "/v1/identify", track(f"m{place}", event=None, userId="u1", traits=traits)
        )
        assert answer.json() == {"success": True}
    loaded = collector.load()
    traits = [json.loads(event["traits"] or "{}") for event in loaded.events]
    assert traits == [{}] * len(ALLOWING)
    assert loaded.rejected == []


def test_whoever_sends_may_say_that_somebody_wants_no_mail(collector: Collecting) -> None:
    refusing = {"can_email": "no", "do_not_email": 1, "unsubscribed": True, "email": "a@acme.com"}
    told = [refusing, json.dumps({**refusing, "plan": "pro"})]
    for place, traits in enumerate(told):
        collector.post("/v1/identify", track(f"m{place}", event=None, traits=traits))
    assert [json.loads(event["traits"]) for event in collector.load().events] == [
        refusing,
        {**refusing, "plan": "pro"},
    ]


def test_what_a_client_writes_twice_or_in_the_collectors_own_words_lets_nothing_in(
    collector: Collecting,
) -> None:
    batch = [
        {"collectorRefused": "reserved_event", **in_batch("m1")},
        {"collectorRefused": "another", **in_batch("m2")},
    ]
    assert collector.post("/v1/batch", {"batch": batch}).status_code == 200
    twice = '{"messageId":"m3","event":"first","event":"booked","timestamp":"2026-06-01"}'
    answer = collector.client.post("/v1/track", content=twice, auth=(KEY, ""))
    assert answer.json() == {"success": True}
    loaded = collector.load()
    names = {event["event_id"]: event["event_name"] for event in loaded.events}
    assert names == {"m2": "signup", "m3": "first"}
    assert [code for code, _ in loaded.rejected] == ["reserved_event"]


def test_what_the_server_knows_is_added_and_what_the_client_says_of_it_is_not_believed(
    collector: Collecting,
) -> None:
    collector.post("/v1/track", track(receivedAt="2001-01-01", received_at="2001-01-01"))
    message = collector.one()
    assert message.pop("receivedAt") > "2026-06"
    assert message == {
        **track(), "type": "track", "context": {"userAgent": BROWSER, "ip": "203.0.113.0"},
    }  # fmt: skip


def test_a_server_that_sends_is_no_visitor(collector: Collecting) -> None:
    message = track(context={"library": {"name": "analytics-python", "version": "2.4.0"}})
    collector.post("/v1/track", message, headers={"user-agent": "analytics-python/2.4.0"})
    assert collector.one()["context"] == {
        "library": {"name": "analytics-python", "version": "2.4.0"}
    }


def test_the_first_event_of_the_documents_is_no_visit_of_curl(collector: Collecting) -> None:
    text = (PROJECT_ROOT / "docs" / "collector.md").read_text(encoding="utf-8")
    message = json.loads(text.partition(" -d '")[2].partition("'\n```")[0])
    collector.post("/v1/track", message, headers={"user-agent": "curl/8.14.1"})
    assert "userAgent" not in collector.one()["context"]


def test_a_message_without_an_id_sent_again_is_the_same_event(collector: Collecting) -> None:
    # from a phone, say, which has left the house meanwhile
    for sent_at, agent in (("2026-06-01T09:00:01Z", "A/1"), ("2026-06-01T09:00:09Z", "A/2")):
        headers = {"User-Agent": agent}
        collector.post("/v1/track", track(None, sentAt=sent_at), headers=headers)
    collector.post("/v1/track", track(None, event="another"))
    first, again, another = (message["messageId"] for message in collector.landed())
    assert first == again != another


def test_messages_without_a_time_are_of_now_and_each_is_an_event_of_its_own(
    collector: Collecting,
) -> None:
    for _ in range(2):
        collector.post("/v1/track", track(None, timestamp=None))
    collector.post("/v1/track", track("wrong clock", timestamp=None, sentAt="2020-01-01T00:00:00Z"))
    loaded = collector.load()
    assert len(loaded.events) == 3
    for event in loaded.events:
        assert event["event_at"] == event["received_at"]
