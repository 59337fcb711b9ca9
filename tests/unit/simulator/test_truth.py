"""The truth beside the log, held against the lines themselves."""

from __future__ import annotations

from collections import defaultdict

from tests.unit.simulator.conftest import Message, SimulatedLog

MEANINGLESS = {"null", "undefined", "[object Object]", "", "anonymous",
               "00000000-0000-0000-0000-000000000000"}  # fmt: skip


def meaning(said: object) -> str | None:
    """An identifier, or None where it means nothing."""
    return said if isinstance(said, str) and said.strip() not in MEANINGLESS else None


def is_denied(message: Message) -> bool:
    consent = message.fields["context"].get("consent") or {}
    preferences = consent.get("categoryPreferences") or consent.get("category_preferences") or {}
    return preferences.get("Analytics") is False


def visitor_of(message: Message) -> str | None:
    """The anonymous id, else the user id, else the address in the context."""
    if is_denied(message):
        return None
    address = message.fields["context"].get("traits", {}).get("email")
    named = meaning(message.fields.get("userId")) or meaning(address)
    return meaning(message.fields.get("anonymousId")) or (named and f"server {named}")


def test_sessions_are_those_of_a_naive_recount(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    timelines: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for event_id, message in events.items():
        visitor = visitor_of(message)
        if visitor and message.fields["type"] not in ("group", "alias"):
            timelines[visitor].append((message.event_at or 0, event_id))
    sessions: dict[str, str] = {}
    for timeline in timelines.values():
        previous, first = None, ""
        for at, event_id in sorted(timeline):
            if previous is None or at - previous > 1_800_000:
                first = event_id
            sessions[event_id], previous = first, at
    told = {row["event_id"]: row["session"] for row in log.truth("events")}
    assert told.keys() == events.keys()
    assert {event_id: first for event_id, first in told.items() if first} == sessions
    assert log.summary.sessions == len(set(sessions.values()))


def test_events_that_nobody_can_attribute_are_marked(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    marked = {r["event_id"] for r in log.truth("events") if r["is_attributable"] == "false"}
    assert marked == {i for i, message in events.items() if visitor_of(message) is None}
    assert any(is_denied(events[event_id]) for event_id in marked)
    assert any(not is_denied(events[event_id]) for event_id in marked)


def test_user_ids_and_addresses_belong_to_one_person_each(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    person_of = {row["event_id"]: row["person"] for row in log.truth("events")}
    people = {row["person"]: row for row in log.truth("people")}
    carried: dict[str, set[str]] = defaultdict(set)
    for event_id, message in events.items():
        user = meaning(message.fields.get("userId"))
        if user:
            carried[person_of[event_id]].add(user)
            assert user in people[person_of[event_id]]["user_ids"].split(";")
    owners: dict[str, set[str]] = defaultdict(set)
    for row in people.values():
        assert (row["logs_in"] == "true") == bool(row["user_ids"])
        assert set(filter(None, row["user_ids"].split(";"))) == carried[row["person"]]
        for name in filter(None, [*row["user_ids"].split(";"), *row["emails"].split(";")]):
            owners[name].add(row["person"])
    shared = {name.split("@")[0] for name, people_of in owners.items() if len(people_of) > 1}
    assert shared <= {"info", "sales", "office", "hello"}


def test_whoever_shares_a_device_is_flagged(log: SimulatedLog) -> None:
    people = {row["person"]: row for row in log.truth("people")}
    users: dict[str, set[str]] = defaultdict(set)
    for row in log.truth("events"):
        if row["device"]:
            users[row["device"]].add(row["person"])
    sharing = [own for own in users.values() if len(own) > 1]
    assert sharing
    for person in set().union(*sharing):
        assert people[person]["shares_device"] == "true"


def test_an_anonymous_id_is_one_device_and_a_device_may_have_several(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    device_of = {row["event_id"]: row["device"] for row in log.truth("events")}
    devices: dict[str, set[str]] = defaultdict(set)
    for event_id, message in events.items():
        own = meaning(message.fields.get("anonymousId"))
        if own:
            devices[own].add(device_of[event_id])
        elif "anonymousId" not in message.fields:
            assert device_of[event_id] == ""
    assert {len(own) for own in devices.values()} == {1}
    assert len(devices) > len({next(iter(own)) for own in devices.values()})


def test_robots_are_known_by_their_agents(log: SimulatedLog, events: dict[str, Message]) -> None:
    agents: dict[bool, set[str]] = {True: set(), False: set()}
    for row in log.truth("events"):
        agent = events[row["event_id"]].fields["context"]
        name = agent.get("userAgent") or agent.get("user_agent")
        if name:
            agents[row["is_bot"] == "true"].add(name)
    assert not agents[True] & agents[False]
    assert any("Googlebot" in agent for agent in agents[True])
    assert any("HeadlessChrome" in agent for agent in agents[True])
    assert any("iPhone" in agent for agent in agents[False])
