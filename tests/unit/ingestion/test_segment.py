"""Segment messages: which part goes where, and which messages cannot be events."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.ingestion.conftest import Warehouse, at, message


def test_every_part_of_a_message_has_its_column(loaded: Warehouse) -> None:
    event = loaded.event(
        type="Page",
        name="Pricing",
        userId=" u-Anna ",
        groupId="g1",
        previousId="p1",
        originalTimestamp="2026-06-01T08:59:00Z",
        sentAt="2026-06-01T08:59:10Z",
        receivedAt="2026-06-01T09:00:10Z",
        context={
            "ip": "203.0.113.77",
            "userAgent": "Mozilla/5.0",
            "sessionId": 1669832171,
            "page": {
                "url": "https://www.example.com/pricing",
                "referrer": "https://www.google.com/",
                "title": "Pricing",
                "path": "/pricing",
                "search": "",
            },
            "library": {"version": "2", "name": "a.js"},
        },
        properties={"plan": "pro", "amount": 5},
    )
    assert {name: event[name] for name in event if name not in ("load_id", "event_key")} == {
        "event_id": "m1",
        "event_type": "page",
        "event_name": "Pricing",
        "anonymous_id": "a1",
        "user_id": "u-Anna",
        "email": None,
        "previous_id": "p1",
        "group_id": "g1",
        "client_session_id": "1669832171",
        "event_at": at("2026-06-01 09:00:00"),
        "original_timestamp": at("2026-06-01 08:59:00"),
        "sent_at": at("2026-06-01 08:59:10"),
        "received_at": at("2026-06-01 09:00:10"),
        "page_url": "https://www.example.com/pricing",
        "page_referrer": "https://www.google.com/",
        "page_title": "Pricing",
        "user_agent": "Mozilla/5.0",
        "ip_prefix": "203.0.113.0/24",
        "consent": None,
        "properties": '{"amount":5,"plan":"pro"}',
        "traits": None,
        "context": '{"library":{"name":"a.js","version":"2"}}',
        "source": "segment",
        "line_number": 1,
    }


def test_snake_case_means_the_same_as_camel_case(loaded: Warehouse) -> None:
    times = ("2026-06-01T09:00:00Z", "2026-06-01T09:00:01Z", "2026-06-01T09:00:02Z")
    camel = {
        "messageId": "m1", "type": "track", "event": "signup", "anonymousId": "a", "userId": "u",
        "previousId": "p", "groupId": "g", "originalTimestamp": times[0], "sentAt": times[1],
        "receivedAt": times[2],
        "context": {
            "userAgent": "UA", "sessionId": "s",
            "consent": {"categoryPreferences": {"Analytics": True}},
        },
    }  # fmt: skip
    snake = {
        "message_id": "m1", "type": "track", "event": "signup", "anonymous_id": "a", "user_id": "u",
        "previous_id": "p", "group_id": "g", "original_timestamp": times[0], "sent_at": times[1],
        "received_at": times[2],
        "context": {
            "user_agent": "UA", "session_id": "s",
            "consent": {"category_preferences": {"Analytics": True}},
        },
    }  # fmt: skip
    loaded.load_messages(camel)
    [first] = loaded.rows("select * exclude (load_id, context) from raw.events")
    loaded.connection.execute("delete from raw.events")
    loaded.load_messages(snake)
    [second] = loaded.rows("select * exclude (load_id, context) from raw.events")
    assert first == second
    assert first["consent"] == "granted"


def test_a_key_that_no_column_knows_stays_in_the_context(loaded: Warehouse) -> None:
    event = loaded.event(
        channel="web",
        integrations={"All": True},
        locale="top",
        context={"locale": "own", "page": {"url": "https://x/", "hash": "#a"}},
    )
    assert json.loads(event["context"]) == {
        "channel": "web",
        "integrations": {"All": True},
        "locale": "own",
        "page": {"hash": "#a"},
    }


def test_path_and_search_of_a_page_stay_where_there_is_no_url(loaded: Warehouse) -> None:
    event = loaded.event(context={"page": {"path": "/a", "search": "?b=1"}})
    assert json.loads(event["context"]) == {"page": {"path": "/a", "search": "?b=1"}}


@pytest.mark.parametrize("odd", ["plain", "{broken", 5, True, [1, 2], '["x"]'])
def test_a_container_that_is_no_object_is_kept_in_the_context(loaded: Warehouse, odd: Any) -> None:
    event = loaded.event(properties=odd, traits=odd, context=odd)
    assert (event["properties"], event["traits"]) == (None, None)
    assert json.loads(event["context"]) == {"properties": odd, "traits": odd, "context": odd}


def test_an_odd_page_is_kept_in_the_context(loaded: Warehouse) -> None:
    event = loaded.event(context={"page": "{broken", "locale": "en"}, extra=1)
    assert json.loads(event["context"]) == {"extra": 1, "locale": "en", "page": "{broken"}


def test_an_empty_array_is_an_empty_object(loaded: Warehouse) -> None:
    event = loaded.event(properties=[], traits=[], context=[])
    assert (event["properties"], event["traits"], event["context"]) == (None, None, None)


def test_the_url_of_the_properties_serves_where_the_context_has_none(loaded: Warehouse) -> None:
    parts = {"url": "https://x/p", "referrer": "https://r/", "title": "T"}
    page = loaded.event(properties=parts)
    track = loaded.event(message_id="m2", type="track", event="e", properties=parts)
    columns = ("page_url", "page_referrer", "page_title")
    assert [page[name] for name in columns] == ["https://x/p", "https://r/", "T"]
    assert [track[name] for name in columns] == ["https://x/p", None, None]


@pytest.mark.parametrize(
    ("event_type", "name"),
    [("track", "e"), ("page", "n"), ("screen", "n"), ("identify", None), ("group", None)],
)
def test_tracks_are_named_by_event_and_views_by_name(
    loaded: Warehouse, event_type: str, name: str | None
) -> None:
    assert loaded.event(type=event_type, event="e", name="n")["event_name"] == name


@pytest.mark.parametrize(
    ("parts", "email"),
    [
        ({"type": "identify", "traits": {"email": "A@x.co"}}, "a@x.co"),
        ({"type": "group", "traits": {"email": "a@x.co"}}, None),
        ({"type": "page", "context": {"traits": {"email": "c@x.co"}}}, "c@x.co"),
        ({"type": "page", "email": "flat@x.co"}, "flat@x.co"),
        (
            {
                "type": "identify",
                "traits": {"email": "i@x.co"},
                "context": {"traits": {"email": "c@x.co"}},
            },
            "i@x.co",
        ),
        (
            {
                "type": "identify",
                "traits": {"email": "broken"},
                "context": {"traits": {"email": "also broken"}},
                "email": "f@x.co",
            },
            "f@x.co",
        ),
        ({"type": "track", "event": "signup", "properties": {"email": "p@x.co"}}, None),
    ],
)
def test_the_first_valid_address_is_the_event_s(
    loaded: Warehouse, parts: dict[str, Any], email: str | None
) -> None:
    assert loaded.event(**parts)["email"] == email


@pytest.mark.parametrize(
    ("parts", "consent"),
    [
        ({"context": {"consent": {"categoryPreferences": {"Analytics": False}}}}, "denied"),
        ({"context": {"consent": {"categoryPreferences": {"Analytics": True}}}}, "granted"),
        ({"context": {"consent": {"categoryPreferences": {"Marketing": False}}}}, None),
        ({"consent": "denied"}, "denied"),
        ({"consent": False}, "denied"),
        (
            {
                "consent": True,
                "context": {"consent": {"categoryPreferences": {"Analytics": False}}},
            },
            "denied",
        ),
        ({}, None),
    ],
)
def test_consent_is_denied_where_either_place_denies_it(
    loaded: Warehouse, parts: dict[str, Any], consent: str | None
) -> None:
    assert loaded.event(**parts)["consent"] == consent


def test_identifiers_keep_their_case_and_numbers_become_text(loaded: Warehouse) -> None:
    event = loaded.event(message_id=17, userId=12345678901234567890, anonymousId="  ")
    assert (event["event_id"], event["user_id"]) == ("17", "12345678901234567890")
    assert event["anonymous_id"] is None


def test_a_key_that_stands_twice_counts_where_it_stands_first(loaded: Warehouse) -> None:
    loaded.load('{"messageId":"one","messageId":"two","type":"page","timestamp":"2026-06-01"}\n')
    assert [event["event_id"] for event in loaded.events()] == ["one"]


T0 = at("2026-06-01 09:00:00")


def iso(after: float) -> str:
    return (T0 + timedelta(seconds=after)).isoformat() + "Z"


@pytest.mark.parametrize(
    ("times", "event_at", "original"),
    [
        ({"timestamp": iso(5)}, 5, 5),
        ({"timestamp": iso(5), "originalTimestamp": iso(7)}, 5, 7),
        ({"originalTimestamp": iso(7)}, 7, 7),
        ({"timestamp": iso(5), "sentAt": iso(6), "receivedAt": iso(100)}, 99, 5),
        (
            {"timestamp": iso(5), "originalTimestamp": iso(3600), "sentAt": iso(3601),
             "receivedAt": iso(10)},
            9,
            3600,
        ),
        ({"timestamp": iso(5), "receivedAt": iso(100)}, 5, 5),
    ],
)  # fmt: skip
def test_the_time_of_an_event_does_not_believe_the_device_s_clock(
    loaded: Warehouse, times: dict[str, str], event_at: float, original: float
) -> None:
    event = loaded.event(**{"timestamp": None, **times})
    assert event["event_at"] == T0 + timedelta(seconds=event_at)
    assert event["original_timestamp"] == T0 + timedelta(seconds=original)


def test_an_event_a_day_after_its_reception_is_kept(loaded: Warehouse) -> None:
    event = loaded.event(timestamp=iso(86_400), receivedAt=iso(0))
    assert event["event_at"] == T0 + timedelta(days=1)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"timestamp": iso(86_400.000001), "receivedAt": iso(0)}, "event_in_future"),
        ({"timestamp": None}, "missing_time"),
        ({"timestamp": None, "sentAt": iso(0), "receivedAt": iso(0)}, "missing_time"),
        ({"timestamp": "soon"}, "unreadable_time"),
        ({"sentAt": "soon"}, "unreadable_time"),
        ({"type": "click"}, "unknown_event_type"),
        ({"type": None}, "missing_event_type"),
        ({"type": " "}, "missing_event_type"),
        (
            {"sentAt": "2199-01-01", "receivedAt": "2026-06-01", "timestamp": "1971-01-01"},
            "implausible_time",
        ),
    ],
)
def test_a_message_that_cannot_be_an_event_says_why(
    loaded: Warehouse, parts: dict[str, Any], reason: str
) -> None:
    assert loaded.reason(**parts) == reason


def test_the_quarantine_keeps_place_reason_and_the_whole_text(loaded: Warehouse) -> None:
    row = loaded.load('{"type":"page"}\n{"type": "page", \r\n')
    kept = loaded.rows(
        "select * exclude (rejected_at, record_md5, format, header)"
        " from raw.rejected_events order by all"
    )
    assert kept == [
        {
            "load_id": row.load_id,
            "file_name": row.file_name,
            "line_number": number,
            "reason_code": reason,
            "detail": None,
            "raw_text": text,
        }
        for number, reason, text in (
            (1, "missing_time", '{"type":"page"}'),
            (2, "invalid_json", '{"type": "page", '),
        )
    ]


def test_without_an_id_the_hash_of_the_content_is_the_id(loaded: Warehouse) -> None:
    same = message(message_id=None, properties={"a": 1, "b": 2})
    again = message(message_id=None, properties={"b": 2, "a": 1}, receivedAt=iso(9))
    other = message(message_id=None, properties={"a": 1, "b": 3})
    row = loaded.load_messages(same, again, other)
    assert (row.loaded_count, row.duplicate_count) == (2, 1)
    assert len({len(event["event_id"]) for event in loaded.events()} | {32}) == 1


def test_messages_of_an_envelope_are_records_of_their_own(loaded: Warehouse) -> None:
    envelope = {
        "sentAt": iso(10),
        "receivedAt": iso(20),
        "context": {"locale": "en", "library": {"name": "server"}},
        "batch": [
            message("b1", context={"locale": "de"}),
            message("b2", sentAt=iso(11)),
            7,
            {"batch": [message("b3")]},
        ],
    }
    row = loaded.load(json.dumps(envelope) + "\n" + json.dumps(message("plain")) + "\n")
    assert (row.record_count, row.loaded_count, row.rejected_count) == (5, 3, 2)
    assert loaded.rejected() == [(1, "nested_envelope"), (1, "not_an_object")]
    first, second, plain = loaded.events()
    assert json.loads(first["context"]) == {"library": {"name": "server"}, "locale": "de"}
    assert (first["sent_at"], first["received_at"]) == (
        T0 + timedelta(seconds=10),
        T0 + timedelta(seconds=20),
    )
    assert second["sent_at"] == T0 + timedelta(seconds=11)
    assert (plain["sent_at"], plain["context"]) == (None, None)


def test_an_array_on_a_line_is_an_envelope_without_anything_else(loaded: Warehouse) -> None:
    row = loaded.load(json.dumps([message("a"), message("b")]) + "\n")
    assert (row.record_count, row.loaded_count) == (2, 2)


def test_an_empty_envelope_is_one_skipped_record(loaded: Warehouse) -> None:
    row = loaded.load('{"batch": []}\n[]\n')
    assert (row.record_count, row.skipped_count) == (2, 2)
    assert loaded.rejected() == []


@pytest.mark.parametrize("beside", [{}, {"plugin": "p"}, {"page": {"tab": 2}}])
def test_what_is_left_of_a_context_is_the_same_beside_what_is_not_known(
    loaded: Warehouse, beside: dict[str, Any]
) -> None:
    page = {"url": "https://example.com/a?b=1", "path": "/a", "search": "?b=1", "title": "A"}
    context = {
        "ip": "203.0.113.7",
        "locale": "de-DE",
        "library": {"version": "2", "name": 'a"js', "beta": None},
        "campaign": {},
        "screen": {"density": 1.50, "width": 10**21},
        **beside,
        "page": page | beside.get("page", {}),
    }
    event = loaded.event(context=context)
    left = {
        "campaign": {},
        "library": {"name": 'a"js', "version": "2"},
        "locale": "de-DE",
        "screen": {"density": 1.5, "width": 10**21},
    }
    assert json.loads(event["context"]) == left | beside
    assert event["page_url"] == page["url"]
    assert event["ip_prefix"] == "203.0.113.0/24"


@pytest.mark.parametrize("text", ["B17", "[A-12] spring", "[]"])
@pytest.mark.parametrize("form", ["segment", "csv"])
def test_a_text_under_the_name_of_a_list_of_messages_is_kept(
    loaded: Warehouse, text: str, form: str
) -> None:
    member = {"type": "track", "event": "x", "anonymousId": "a1", "timestamp": "2026-06-01"}
    row = loaded.load(
        f"type,event,anonymousId,timestamp,batch\ntrack,x,a1,2026-06-01,{text}\n"
        if form == "csv"
        else json.dumps(member | {"batch": text}) + "\n",
        format=form,
    )
    assert row.loaded_count == 1
    [event] = loaded.events()
    assert json.loads(event["properties"]) == {"batch": text}


@pytest.mark.parametrize("envelope", ['{"batch": [%s, %s]}', "[%s, %s]", ' {"batch":[%s,%s]}'])
def test_half_a_surrogate_pair_does_not_cost_an_envelope(loaded: Warehouse, envelope: str) -> None:
    first = json.dumps(message("m1", name="cut"))[:-1] + ', "userId": "u\\ud83d"}'
    row = loaded.load(envelope % (first, json.dumps(message("m2"))) + "\n")
    assert row.loaded_count == row.record_count == 2
    assert [event["user_id"] for event in loaded.events()] == ["u", None]
