"""Faults of delivery: each there, and none too often."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ingestion.simulator.faults import BROKEN, FAULTS_PER_MILLE, fault_counts
from tests.unit.simulator.conftest import EVENTS, Message, SimulatedLog

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@pytest.fixture(scope="module")
def copies(messages: list[Message]) -> dict[str, list[Message]]:
    """Valid messages by id, in order of receipt."""
    found: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        if not message.fault:
            found[message.id].append(message)
    return found


def delay(message: Message) -> int:
    """From the sender's clock at the event to its clock at sending, in milliseconds."""
    original = message.time("originalTimestamp") or message.time("timestamp") or 0
    return (message.time("sentAt") or original) - original


def test_a_log_of_a_thousand_events_has_every_fault() -> None:
    assert all(count == 0 for fault, count in fault_counts(20).items() if fault in BROKEN)
    assert all(count >= 1 for count in fault_counts(1_000).values())
    assert fault_counts(10**6) == {f: round(1000 * r) for f, r in FAULTS_PER_MILLE.items()}


def test_some_events_are_late_by_hours_and_some_by_weeks(events: dict[str, Message]) -> None:
    delays = [delay(message) for message in events.values()]
    late = sum(one > HOUR_MS for one in delays) / EVENTS
    assert 0.003 < late < 0.04
    assert 7 * DAY_MS < max(delays) < 25 * DAY_MS
    assert sum(one < 1000 for one in delays) > 0.9 * EVENTS


def test_a_repeated_event_says_the_same_later(copies: dict[str, list[Message]]) -> None:
    repeated = [own for own in copies.values() if len(own) > 1]
    assert len(repeated) == pytest.approx(0.021 * EVENTS, rel=0.05)
    ignored = {"sentAt", "receivedAt", "timestamp", "originalTimestamp", "properties"}
    for first, *others in repeated:
        for other in others:
            assert (other.time("receivedAt") or 0) > (first.time("receivedAt") or 0)
            assert (other.time("sentAt") or 0) >= (first.time("sentAt") or 0)
            assert {k: v for k, v in first.fields.items() if k not in ignored} == {
                k: v for k, v in other.fields.items() if k not in ignored
            }


def test_a_collision_changes_the_content_but_neither_time_nor_names(
    copies: dict[str, list[Message]],
) -> None:
    collided = [
        own
        for own in copies.values()
        if len({str(message.fields.get("properties")) for message in own}) > 1
    ]
    assert len(collided) == EVENTS // 1000
    for own in collided:
        assert len({message.event_at for message in own}) == 1
        assert len({message.fields.get("anonymousId") for message in own}) == 1


def test_some_clocks_are_wrong_by_minutes_to_hours(events: dict[str, Message]) -> None:
    # an event that was sent at once shows its clock by when it was received
    wrong = [
        abs((message.time("receivedAt") or 0) - sent)
        for message in events.values()
        if (sent := message.time("sentAt")) is not None
    ]
    share = sum(one > 90_000 for one in wrong) / len(wrong)
    assert 0.01 < share < 0.06
    assert HOUR_MS < max(wrong) < 4 * HOUR_MS


def test_batches_and_snake_case_come_now_and_then(messages: list[Message]) -> None:
    assert 0 < sum(message.in_batch for message in messages) < 0.08 * EVENTS
    assert 0.002 * EVENTS < sum(message.is_snake_case for message in messages) < 0.05 * EVENTS
    broken_in_batch = [m for m in messages if m.in_batch and m.fault]
    assert all(m.fault in ("no_time", "unknown_type", "far_future") for m in broken_in_batch)


def test_broken_messages_have_ids_of_their_own(log: SimulatedLog, messages: list[Message]) -> None:
    valid = {row["event_id"] for row in log.truth("events")}
    broken = [message.id for message in messages if message.fault]
    assert broken
    assert not valid & set(broken)


def test_server_events_have_no_device_and_name_somebody(events: dict[str, Message]) -> None:
    server = [m for m in events.values() if "anonymousId" not in m.fields]
    assert 0.01 < len(server) / EVENTS < 0.06
    for message in server:
        assert message.fields.get("userId") or message.fields["context"]["traits"]["email"]
    assert any(m.fields["event"] == "product_active" for m in server)
