"""What the collector says of itself: a line of counts a minute, in <data>/logs/collector.log.

No line holds an address, an agent, an id or a path: nothing of a visitor's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

_MOST_BYTES = 1_000_000


@dataclass
class Tally:
    """Counts since the last line."""

    requests: int = 0
    events: int = 0
    refused_events: int = 0
    without_identity: int = 0
    turned_away: int = 0
    rate_limited: int = 0
    disk_busy: int = 0
    disk_failed: int = 0
    errors: int = 0


class TallyLog:
    """The file. What it cannot write is lost: the events are what matters."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tally = Tally()

    def write(self) -> None:
        """Writes what was counted since the last time, if anything was, and begins anew."""
        counted, self.tally = self.tally, Tally()
        told = " ".join(f"{name}={count}" for name, count in asdict(counted).items() if count)
        if told:
            self._append(told)

    def error(self, error: BaseException) -> None:
        """Notes a mistake of ours: its kind and place, not its text, which may quote a visitor."""
        self.tally.errors += 1
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = (
            f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
        )
        self._append(f"error {type(error).__name__} at {place}")

    def _append(self, text: str) -> None:
        line = f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n"
        try:
            if self._path.exists() and self._path.stat().st_size > _MOST_BYTES:
                self._path.replace(self._path.with_suffix(".log.1"))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            return
