"""What we did for a request, told as events: `landing/lead-magnet-<run>.ndjson`.

Each event has an id and a time that follow from what was done, so one that is told twice is the
same record twice, of which the loader keeps one. It names nobody: it is no activity of the person.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingestion.landing import Kind, own_file
from ingestion.settings import Settings
from orchestration.exports.files import write_file
from orchestration.lead_magnet.events import step_id

GENERATED, DELIVERED, QUALIFIED = "report_generated", "report_delivered", "qualified"

_MARGIN = timedelta(hours=1)
"""Between when a file says it was written and when a load saw it."""


@dataclass(frozen=True)
class Step:
    """A step of a request; `at` has a zone."""

    name: str
    request_id: str
    offer_id: str
    at: datetime
    more: dict[str, str] = field(default_factory=dict)
    """Further properties."""

    @property
    def event_id(self) -> str:
        """One for each request and step."""
        return step_id(self.request_id, self.name)

    def message(self) -> dict[str, object]:
        """The event as a Segment message."""
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "messageId": self.event_id,
            "type": "track",
            "event": self.name,
            "timestamp": at,
            "receivedAt": at,
            "properties": {
                "offer_id": self.offer_id,
                "request_id": self.request_id,
                **self.more,
            },
        }


def tell(
    settings: Settings, steps: Iterable[Step], loaded_since: datetime, now: datetime
) -> Sequence[Step]:
    """Writes the steps into one file, whole, but those that wait in landing/ to be loaded.

    `loaded_since` is when the published refresh began to load: what was there before, the marts
    know. Returns those that are told by this.
    """
    waiting = _waiting(settings, loaded_since - _MARGIN)
    new = [step for step in steps if step.event_id not in waiting]
    if new:
        name = f"{Kind.steps}-{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}.ndjson"
        lines = [json.dumps(step.message()) + "\n" for step in new]
        settings.make_folder(settings.landing)
        write_file(settings.landing / name, "".join(lines).encode())
    return new


def _waiting(settings: Settings, since: datetime) -> set[str]:
    """The ids of the events in files that were written at or after `since`."""
    found = set()
    for path in settings.landing.glob(f"{Kind.steps}-*.ndjson"):
        own = own_file(path.name)
        if own is None or own.kind is not Kind.steps:
            continue
        try:
            if path.stat().st_mtime < since.timestamp():
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            continue  # retention has just taken it
        found |= {str(json.loads(line)["messageId"]) for line in lines if line}
    return found
