"""One simulated log for all tests of the simulator, and a plain reader of its lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.simulator import SimulationSummary, simulate

EVENTS, DAYS, END = 30_000, 90, date(2026, 3, 31)
TYPES = {"page", "track", "identify", "screen", "group", "alias"}
DAY_MS = 86_400_000


def milliseconds(text: str) -> int:
    """An ISO time with a zone, in milliseconds of the epoch."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


@dataclass(frozen=True)
class Message:
    """A readable record: keys in camelCase, times in milliseconds where it has them."""

    fields: dict[str, Any]
    in_batch: bool
    is_snake_case: bool

    @property
    def id(self) -> str:
        return str(self.fields["messageId"])

    def time(self, name: str) -> int | None:
        said = self.fields.get(name)
        return milliseconds(said) if said else None

    @property
    def event_at(self) -> int | None:
        """received - (sent - original) where all are there, else the time that the sender says."""
        sent, received, said = self.time("sentAt"), self.time("receivedAt"), self.time("timestamp")
        original = self.time("originalTimestamp") or said
        if sent is None or received is None or original is None:
            return said
        return received - sent + original

    @property
    def fault(self) -> str:
        """What is wrong with it, by the words of the summary; '' for a valid message."""
        at, received = self.event_at, self.time("receivedAt")
        if at is None:
            return "no_time"
        if received is not None and at > received + DAY_MS:
            return "far_future"
        return "" if self.fields["type"] in TYPES else "unknown_type"


@dataclass(frozen=True)
class SimulatedLog:
    """What was written, as text, and the truth beside it."""

    folder: Path
    summary: SimulationSummary

    def lines(self) -> list[str]:
        """All lines of all files, in order, without their ends."""
        files = sorted(self.folder.glob("*.ndjson"))
        return [line for file in files for line in file.read_text("utf-8").split("\n")[:-1]]

    def messages(self) -> list[Message]:
        """Every message that is a JSON object, those of batches too, in order."""
        return [message for line in self.lines() for message in _messages_of(line)]

    def events(self) -> dict[str, Message]:
        """The first valid message of each id."""
        firsts: dict[str, Message] = {}
        for message in self.messages():
            if not message.fault:
                firsts.setdefault(message.id, message)
        return firsts

    def truth(self, name: str) -> list[dict[str, str]]:
        """The rows of truth/<name>.csv."""
        with (self.folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def _messages_of(line: str) -> Iterator[Message]:
    try:
        said = json.loads(line)
    except ValueError:
        return
    if not isinstance(said, dict):
        return
    for member in said.get("batch", [said]):
        envelope = {"sentAt": said["sentAt"]} if "batch" in said and "sentAt" in said else {}
        yield Message(
            envelope | {_camel(key): value for key, value in member.items()},
            in_batch="batch" in said,
            is_snake_case="message_id" in member,
        )


def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> SimulatedLog:
    """A log of 30,000 events over 90 days."""
    folder = tmp_path_factory.mktemp("simulated") / "log"
    return SimulatedLog(folder, simulate(EVENTS, folder, seed=7, days=DAYS, end=END))


@pytest.fixture(scope="session")
def messages(log: SimulatedLog) -> list[Message]:
    """Its messages, read once."""
    return log.messages()


@pytest.fixture(scope="session")
def events(log: SimulatedLog) -> dict[str, Message]:
    """Its unique valid events, read once."""
    return log.events()
