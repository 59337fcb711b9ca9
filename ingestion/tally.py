"""What becomes of a file's records, added up part by part within the file's transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa

from ingestion.formats import whole_file
from ingestion.opening import Layout, Refusal
from ingestion.staging import Stage


class Tally:
    """The counts of one load; each part is staged, settled and counted before the next is read.

    `keep_rejected` puts the rejected records of temporary table `staged` where they belong.

    Later parts see the events of earlier ones as history, so a file's parts are deduplicated among
    each other like files are.
    """

    def __init__(
        self,
        stage: Stage,
        load_id: int,
        layout: Layout,
        keep_rejected: Callable[[], None],
    ) -> None:
        self._stage = stage
        self._layout = layout
        self._load_id = load_id
        self._keep_rejected = keep_rejected
        self._counts: Counter[str] = Counter()
        self._first_event_at: datetime | None = None
        self._last_event_at: datetime | None = None
        self._parse_seconds = 0.0
        self._dedupe_seconds = 0.0
        self.further_records = 0

    def add_part(self, part: pa.RecordBatchReader) -> None:
        """Reads some records and puts what they hold in its tables."""
        began = time.perf_counter()
        self.further_records += self._stage.read(part, self._layout)
        self._parse_seconds += time.perf_counter() - began
        self._settle(self._layout)

    def refuse(self, refusal: Refusal) -> None:
        """Counts one rejected record that stands for the file, or for the rest of it."""
        self._stage.refuse(refusal)
        self.further_records += 1
        self._settle(Layout(whole_file.UNKNOWN))

    def _settle(self, layout: Layout) -> None:
        began = time.perf_counter()
        self._keep_rejected()
        verdict = self._stage.settle(self._load_id, layout)
        outcomes = self._stage.counts()
        self._counts.update(
            loaded=verdict.loaded,
            duplicate=verdict.duplicate,
            collided=verdict.collided,
            **{name: outcomes.get(name, 0) for name in ("rejected", "skipped", "blank")},
            unfinished=outcomes.get("unfinished", 0),
        )
        first, last = self._stage.event_times()
        self._first_event_at = min(filter(None, (self._first_event_at, first)), default=None)
        self._last_event_at = max(filter(None, (self._last_event_at, last)), default=None)
        self._dedupe_seconds += time.perf_counter() - began

    def columns(self) -> dict[str, Any]:
        """The columns of the ledger that say what became of the records, and in what time."""
        names = (
            "loaded",
            "duplicate",
            "collided",
            "rejected",
            "skipped",
            "blank",
            "unfinished",
        )
        return {f"{name}_count": self._counts[name] for name in names} | {
            "first_event_at": self._first_event_at,
            "last_event_at": self._last_event_at,
            "parse_seconds": self._parse_seconds,
            "dedupe_seconds": self._dedupe_seconds,
        }
