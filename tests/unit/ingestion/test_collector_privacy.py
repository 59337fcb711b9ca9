"""What of a visitor reaches the disk, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

from tests.collecting import BROWSER, VISITOR, Collecting, collecting, in_batch, track


def test_no_whole_address_and_no_parameter_of_a_person_reaches_the_disk(
    collector: Collecting,
) -> None:
    batch = [
        in_batch("v4", context={"ip": "198.51.100.23"}),
        in_batch("v6", context={"ip": "2001:db8:aaaa:bbbb::23"}),
        in_batch("flat", ip="198.51.100.23", context_ip="198.51.100.23"),
        in_batch("odd", context={"ip": "198.51.100.23:x"}),
        in_batch("inside", properties={"ip": "198.51.100.23", "mc_eid": "SECRET"}),
        in_batch("list", properties={"ip": ["198.51.100.23"], "client_ip": "198.51.100.23"}),
        in_batch(
            "as text", properties='{"ip":"198.51.100.23","a":1}', context='{"ip":"198.51.100.23"}'
        ),
        in_batch("odd text", properties='{"ip":"198.51.100.23","ip":"198.51.100.24","a":}'),
        in_batch(
            "url",
            context={"page": {"url": "https://a.example/?mc_eid=SECRET&b=1"}},
            properties={"to": ["https://b.example/?u=https%3A%2F%2Fc%2F%3F_kx%3DSECRET"]},
        ),
        in_batch("forged", event="booked", ip="198.51.100.23", properties={"_kx": "SECRET"}),
        "https://a.example/?mkt_tok=SECRET",
    ]
    collector.post("/v1/batch", {"batch": batch})
    messages = {each.get("messageId"): each for each in collector.landed()}
    text = json.dumps(list(messages.values()))
    assert not [word for word in ("198.51.100.23", "bbbb", "SECRET", VISITOR) if word in text]
    addresses = {key: messages[key]["context"].get("ip") for key in ("v4", "v6", "flat", "odd")}
    assert addresses == {
        "v4": "198.51.100.0", "v6": "2001:db8:aaaa::", "flat": "198.51.100.0", "odd": "203.0.113.0",
    }  # fmt: skip


def test_no_way_to_write_an_address_that_the_loader_would_read_brings_it_onto_the_disk(
    collector: Collecting,
) -> None:
    address = "198.51.100.23"
    as_text = json.dumps({"ip": address})
    batch = [
        in_batch("name", context={"ip\0": address}),
        in_batch("twice", context={"ip\0": address, "ip": address}),
        in_batch("top", **{"\0ip": address, "context\0_ip": address}),
        in_batch("inside", properties={"client\0_ip": address, "Forwarded": f"for={address}"}),
        in_batch("text", context=f"\0{as_text}"),
        in_batch("text within", context=json.dumps({"ip\0": address})),
        in_batch("parameter", properties={"url": f"https://a.example/?mc_eid\0={address}"}),
        in_batch("no object", properties=f"{as_text[:1]}\0{as_text[1:-1]}"),
    ]
    collector.post("/v1/batch", {"batch": batch})
    messages = {each["messageId"]: each for each in collector.landed()}
    assert len(messages) == len(batch)
    text = "".join(path.read_text() for path in collector.settings.landing.iterdir())
    assert address not in text
    assert "\\u0000" not in text
    for name in ("name", "twice", "top", "text", "text within"):
        assert messages[name]["context"]["ip"] == "198.51.100.0"
    assert messages["inside"]["properties"] == {"client_ip": "masked", "Forwarded": "masked"}


def test_who_does_not_want_to_be_tracked_is_counted_and_nothing_of_them_is_kept(
    collector: Collecting,
) -> None:
    told = {
        "anonymousId": "DEVICE", "userId": "USER", "previousId": "OTHER", "groupId": "GROUP",
        "email": "who@example.com", "session_id": "SESSION", "anonymous_id": "DEVICE",
        "properties": {"email": "who@example.com", "url": "https://a.example/properties"},
        "traits": {"name": "WHO"},
        "context": {
            "ip": "198.51.100.23", "userAgent": "AGENT", "sessionId": "SESSION",
            "traits": {"email": "who@example.com"},
            "page": {
                "url": "https://user:PASS@a.example:8443/pricing?gclid=CLICK#WHO",
                "title": "TITLE", "referrer": "https://b.example/?q=WHO",
            },
        },
    }  # fmt: skip
    batch = [
        in_batch("ID-1", **told),
        {**in_batch("ID-1", **told), "type": "identify"},
        in_batch("ID-2", **told | {"event": "booked"}),
        in_batch("ID-3", properties={"url": "https://a.example/of/who@example.com"}),
        {"event_type": "track", "event_name": "flat", "original_timestamp": 1_780_000_000_000},
        ["WHO"],
    ]
    answer = collector.post("/v1/batch", {"batch": batch}, headers={"Sec-GPC": "1"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    loaded = collector.load()
    text = "".join(path.read_text() for path in collector.settings.landing.iterdir())
    told_of_them = (
        "DEVICE", "USER", "OTHER", "GROUP", "SESSION", "who", "WHO", "AGENT", "PASS", "CLICK",
        "TITLE", "ID-", "198.51", "203.0.113", BROWSER,
    )  # fmt: skip
    assert [word for word in told_of_them if word in text] == []
    assert [code for code, _ in loaded.rejected] == ["not_an_object", "reserved_event"]
    assert loaded.duplicate_count == 1
    first = next(e for e in loaded.events if e["page_url"] == "https://a.example:8443/pricing")
    assert first["consent"] == "denied"
    assert first["event_at"].isoformat() == "2026-06-01T09:00:00"
    [flat] = [event for event in loaded.events if event["event_name"] == "flat"]
    assert flat["event_at"].isoformat() == "2026-05-28T20:26:40"
    for event in loaded.events:
        assert event["consent"] == "denied"
        identity = ("anonymous_id", "user_id", "email", "previous_id", "ip_prefix", "user_agent")
        assert {name: event[name] for name in identity} == dict.fromkeys(identity)


def test_do_not_track_is_such_a_signal_too(collector: Collecting) -> None:
    collector.post("/v1/track", track(), headers={"DNT": "1"})
    collector.post("/v1/track", track(), headers={"DNT": "0", "Sec-GPC": "0"})
    assert ["anonymousId" in message for message in collector.landed()] == [False, True]


def test_the_signals_are_not_honoured_where_the_setting_is_off(tmp_path: Path) -> None:
    with collecting(tmp_path, honour_privacy_signals=False) as collector:
        collector.post("/v1/track", track(), headers={"Sec-GPC": "1"})
        assert collector.one()["anonymousId"] == "a1"


def test_the_log_counts_and_names_nobody(collector: Collecting) -> None:
    collector.post("/v1/track", track())
    collector.post("/v1/track", track("m2", event="booked"))
    collector.client.post("/v1/track", content=b"{")
    collector.client.__exit__(None, None, None)
    [line] = (collector.settings.logs / "collector.log").read_text().splitlines()
    assert line.split()[1:] == ["requests=3", "events=1", "refused_events=1", "turned_away=1"]
