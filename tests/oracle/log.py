"""From records to unique events: the dedupe on the event's id, over everything given."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.oracle.messages import RejectedError, canonical_row, content_md5, instant, records_of
from tests.oracle.names import (
    ANONYMOUS_ID,
    EMAIL,
    SERVER,
    USER_ID,
    Node,
    Visitor,
    event_email,
    identifier,
    text_of,
)
from tests.oracle.rules import SEEDS, Rules

ACCESS_LOG = "access_log"
"""The source of events whose visitor is made from address and agent."""

_LATEST = 2**63


@dataclass(frozen=True, slots=True)
class Event:
    """A unique event, as far as the rules look at it. Identifiers are valid ones or None."""

    event_id: str
    event_type: str
    event_name: str | None
    anonymous_id: str | None
    user_id: str | None
    email: str | None
    previous_id: str | None
    event_at: int
    received_at: int | None
    page_url: str | None
    page_referrer: str | None
    user_agent: str | None
    ip_prefix: str | None
    is_denied: bool
    is_from_access_log: bool
    said: tuple[tuple[str, str], ...]
    """The plain traits of an identify, as text."""
    stated: tuple[str | None, str | None]
    """What a conversion says that it is worth, and in which currency, as text."""
    told: str | None = None
    """The properties of a step of the lead magnet, as JSON; None of other events."""

    @property
    def moment(self) -> tuple[int, str]:
        """Where the event stands in every order."""
        return (self.event_at, self.event_id)

    @property
    def node(self) -> Node | None:
        """Whom the event names: the user id if it has one, else the e-mail."""
        if self.is_denied:
            return None
        if self.user_id is not None:
            return Node(USER_ID, self.user_id)
        return None if self.email is None else Node(EMAIL, self.email)

    @property
    def visitor(self) -> Visitor | None:
        """The device; else a key made from the name; None where consent or any name is missing."""
        if self.is_denied:
            return None
        if self.anonymous_id is not None:
            return Visitor(ANONYMOUS_ID, self.anonymous_id)
        return None if self.node is None else Visitor(SERVER, self.node.label)


@dataclass
class Log:
    """What was read: the unique events, and an account of every record.

    `records` = loaded + duplicate + collided + rejected + blank, where `loaded` is the number of
    `events`; `rejected` counts by reason, `collisions` has the md5s that lost, by event id.
    """

    events: list[Event] = field(default_factory=list)
    records: int = 0
    blank: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    collisions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def collided(self) -> int:
        """Records of another content than the one that won their id."""
        return (
            self.records - self.blank - self.duplicates - self.rejected.total() - len(self.events)
        )


def read_lines(lines: Iterable[str], rules: Rules) -> Log:
    """NDJSON lines, plain or envelopes, in any order."""
    log = Log()
    rows: list[_Copy] = []
    for line in lines:
        if not line.strip():
            log.records += 1
            log.blank += 1
            continue
        try:
            messages = list(records_of(line))
        except RejectedError as rejection:
            log.records += 1
            log.rejected[str(rejection)] += 1
            continue
        for message in messages:
            _take(log, rows, message, rules)
    _decide(log, rows)
    return log


def from_messages(messages: Iterable[Mapping[str, Any]], rules: Rules) -> Log:
    """Segment messages as dictionaries, in any order."""
    log = Log()
    rows: list[_Copy] = []
    for message in messages:
        _take(log, rows, message, rules)
    _decide(log, rows)
    return log


def from_raw_rows(rows: Iterable[Mapping[str, Any]], rules: Rules) -> Log:
    """Rows of raw.events: unique already, times corrected; JSON columns as text or parsed."""
    log = Log()
    for row in rows:
        log.records += 1
        log.events.append(event_of(_with_parsed_json(row), str(row["event_id"]), rules))
    return log


def unique_rows(messages: Iterable[Mapping[str, Any]], rules: Rules) -> list[dict[str, Any]]:
    """The canonical rows that win among the messages; what is rejected is left out."""
    copies: list[_Copy] = []
    for message in messages:
        try:
            copies.append(
                _copy_of(message, rules, lambda row, event_id: row | {"event_id": event_id})
            )
        except RejectedError:
            continue
    return [copy.kept for copy in _winners(copies)[0]]


def event_of(row: Mapping[str, Any], event_id: str, rules: Rules) -> Event:
    """The event of a canonical row whose JSON columns are parsed."""
    event_at, received_at = row["event_at"], row.get("received_at")
    url = row.get("page_url")
    return Event(
        event_id=event_id,
        event_type=row["event_type"],
        event_name=row.get("event_name"),
        anonymous_id=identifier(row.get("anonymous_id"), rules),
        user_id=identifier(row.get("user_id"), rules),
        email=event_email(row, rules),
        previous_id=identifier(row.get("previous_id"), rules),
        event_at=event_at if isinstance(event_at, int) else _required_instant(event_at),
        received_at=received_at if isinstance(received_at, int) else instant(received_at),
        page_url=url if url and url.strip() else None,
        page_referrer=row.get("page_referrer") or None,
        user_agent=row.get("user_agent"),
        ip_prefix=row.get("ip_prefix"),
        is_denied=row.get("consent") == "denied",
        is_from_access_log=row.get("source") == ACCESS_LOG,
        said=_said(row),
        stated=_stated(row, rules),
        told=_told(row),
    )


def _told(row: Mapping[str, Any]) -> str | None:
    if row["event_type"] != "track" or row.get("event_name") not in step_events():
        return None
    return json.dumps(row.get("properties"))


@cache
def step_events() -> Mapping[str, str]:
    """The steps of the lead magnet, by the name of their event."""
    path = SEEDS / "lead_magnet" / "lead_magnet_steps.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["event_name"]: row["step"] for row in csv.DictReader(file)}


def _said(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    traits = row.get("traits") if row["event_type"] == "identify" else None
    members = traits.items() if isinstance(traits, dict) else ()
    texts = ((name, text_of(value)) for name, value in members)
    return tuple((name, text) for name, text in texts if text is not None)


def _stated(row: Mapping[str, Any], rules: Rules) -> tuple[str | None, str | None]:
    rule = rules.conversion_rules.get((row["event_type"], row.get("event_name")))
    properties = row.get("properties")
    if rule is None or not isinstance(properties, dict):
        return None, None
    places = (rule.value_property, rule.currency_property)
    value, currency = (text_of(properties.get(place)) if place else None for place in places)
    return value, currency


@dataclass(frozen=True, slots=True)
class _Copy:
    """One record of an event: what decides between copies, and what is kept of it."""

    event_id: str
    content: str
    arrival: tuple[int, int, int]
    kept: Any


def _take(log: Log, copies: list[_Copy], message: Mapping[str, Any], rules: Rules) -> None:
    log.records += 1
    try:
        copies.append(
            _copy_of(message, rules, lambda row, event_id: event_of(row, event_id, rules))
        )
    except RejectedError as rejection:
        log.rejected[str(rejection)] += 1


def _copy_of(
    message: Mapping[str, Any], rules: Rules, keep: Callable[[dict[str, Any], str], Any]
) -> _Copy:
    row = canonical_row(message, rules)
    content = content_md5(row, rules)
    event_id = row["event_id"] or content
    received, sent = row["received_at"], row["sent_at"]
    arrival = (
        _LATEST if received is None else received,
        _LATEST if sent is None else sent,
        row["event_at"],
    )
    return _Copy(event_id, content, arrival, keep(row, event_id))


def _decide(log: Log, copies: list[_Copy]) -> None:
    winners, log.duplicates, log.collisions = _winners(copies)
    log.events = [copy.kept for copy in winners]


def _winners(copies: list[_Copy]) -> tuple[list[_Copy], int, dict[str, set[str]]]:
    """For each id the smallest content, of that the first to arrive; duplicates; what collided."""
    by_id: dict[str, list[_Copy]] = {}
    for copy in copies:
        by_id.setdefault(copy.event_id, []).append(copy)
    winners: list[_Copy] = []
    duplicates = 0
    collisions: dict[str, set[str]] = {}
    for event_id, same_id in by_id.items():
        winner = min(same_id, key=lambda copy: (copy.content, copy.arrival))
        winners.append(winner)
        duplicates += sum(copy.content == winner.content for copy in same_id) - 1
        others = {copy.content for copy in same_id} - {winner.content}
        if others:
            collisions[event_id] = others
    return winners, duplicates, collisions


def _with_parsed_json(row: Mapping[str, Any]) -> dict[str, Any]:
    parsed = dict(row)
    for name in ("properties", "traits", "context"):
        if isinstance(parsed.get(name), str):
            parsed[name] = json.loads(parsed[name])
    return parsed


def _required_instant(value: Any) -> int:
    at = instant(value)
    if at is None:
        raise ValueError("a row of raw.events has no event_at")
    return at
