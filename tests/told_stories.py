"""Small stories of devices and people, told as tables of text: what happened, and what is to come
out of it, worked out by hand.

An event is a line of `id, day and time of May 2026, device, call, person`. A call is `page`,
`track <name>`, `as <user id>` (a page by one who is logged in), `identify <user id> <address>`
or `alias <user id> of <previous id>`; `-` stands for nothing. A person is the name that was seen
first, `visitor:<device>` where nobody was ever named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.oracle.log import unique_rows
from tests.oracle.rules import Rules
from tests.oracle.stored import as_stored

AS_OF = date(2026, 5, 31)

Line = tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """What happened, and whose each event, each slice of a device and each session is.

    events: as above. slices: device, from, to, person; `-` where open. sessions: the session's
    first event, its person, and everybody in it.
    """

    name: str
    events: str
    slices: str
    sessions: str = ""

    def rows(self, rules: Rules) -> list[dict[str, Any]]:
        """Rows of raw.events, in the order of the story."""
        messages = [_message(line) for line in lines_of(self.events)]
        rows = [as_stored(row) for row in unique_rows(messages, rules)]
        return [{**row, "load_id": 1, "line_number": n} for n, row in enumerate(rows, start=1)]

    def owners(self) -> dict[str, str]:
        """The person of each event."""
        return {line[0]: line[4] for line in lines_of(self.events)}

    def people_by_slice(self) -> set[Line]:
        """(device, from, to, person), the times in UTC as the tables of answers write them."""
        return {
            (device, _written(start), _written(end), person)
            for device, start, end, person in lines_of(self.slices)
        }

    def people_by_session(self) -> dict[str, tuple[str, frozenset[str]]]:
        """By the session's first event: its person, and everybody in it."""
        return {
            first: (person, frozenset(everybody.split()))
            for first, person, everybody in lines_of(self.sessions)
        }


def lines_of(table: str) -> Iterator[Line]:
    """The lines of a table of text, cut where two blanks or more stand."""
    for line in table.strip().splitlines():
        yield tuple(re.split(r"\s{2,}", line.strip()))


def _message(line: Line) -> dict[str, Any]:
    event_id, at, device, call, _ = line
    kind, *words = call.split()
    message: dict[str, Any] = {
        "messageId": event_id,
        "type": "page" if kind == "as" else kind,
        "timestamp": _moment(at).isoformat(),
        "anonymousId": _given(device),
        "context": {"page": {"url": "https://www.example.com/pricing"}} if device != "-" else {},
    }
    if kind == "track":
        message["event"] = words[0]
    if kind in {"as", "identify", "alias"}:
        message["userId"] = _given(words[0])
    if kind == "identify":
        message["traits"] = {"email": _given(words[1])}
    if kind == "alias":
        message["previousId"] = words[2]
    return message


def _given(word: str) -> str | None:
    return None if word == "-" else word


def _moment(text: str) -> datetime:
    day, _, time = text.partition(" ")
    hour, _, minute = time.partition(":")
    return datetime(2026, 5, int(day), int(hour), int(minute), tzinfo=UTC)


def _written(text: str) -> str:
    return "" if text == "-" else f"{_moment(text):%Y-%m-%dT%H:%M:%S.%fZ}"
