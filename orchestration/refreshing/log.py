"""`<data>/logs/refresh.log`: a line for each thing that a refresh did, to be followed with tail.

It holds times, stages, counts and results, and no personal data: addresses and ids that an error
quotes are masked.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ingestion.settings import Settings
from orchestration.analytics import first_line
from orchestration.refreshing.outcomes import Loaded, Outcome, Published
from orchestration.refreshing.progress import Progress

_MOST_BYTES = 1_000_000
_KEPT = 3
"""Earlier pieces: refresh.log.1 is the youngest."""

_TIME = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_PERSONAL = re.compile(
    r"[^\s@'\"<>(),;:]+@[^\s@'\"<>(),;:]+"  # addresses of mail, and of networks
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![0-9A-Fa-f:])"
    r"|(?<=\buser_id )\S+|(?<=\banonymous_id )\S+"  # as a contradiction of overrides is told
)


class RefreshLog:
    """The progress of one run, written down, and passed on to whoever shows it."""

    def __init__(self, settings: Settings, run_id: str, shown: Progress) -> None:
        self._path = settings.make_folder(settings.logs) / "refresh.log"
        self._run = run_id[:8]
        self._shown = shown
        self._under_way: str | None = None
        self._last_started: str | None = None
        self._failed: str | None = None
        self._is_published = False

    def begin(self, started_by: str) -> None:
        """The run starts; `started_by` says who asked for it."""
        self._rotate()
        self._write("refresh", f"begun by {started_by}")

    def end(self) -> None:
        """The run is over, whichever way."""
        if self._failed:
            seen = "the new version" if self._is_published else "what they saw before"
            self._write("refresh", f"failed in {self._failed}; readers see {seen}")
        elif self._under_way:
            self._write("refresh", f"stopped in {self._under_way}")
        else:
            self._write("refresh", "done" if self._is_published else "done; nothing published")

    def started(self, stage: str) -> None:
        self._under_way = stage
        if stage != self._last_started:  # the exports follow each other in no time
            self._write(stage, "started")
        self._last_started = stage
        self._shown.started(stage)

    def advanced(self, stage: str, done: int, total: int, name: str) -> None:
        self._shown.advanced(stage, done, total, name)

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self._under_way = None
        self._is_published |= isinstance(outcome, Published)
        as_of = f", as of {outcome.as_of_date}" if isinstance(outcome, Loaded) else ""
        self._write(stage, f"finished in {seconds:.1f} s: {words}{as_of}")
        self._shown.finished(stage, seconds, words, outcome)

    def retried(self, stage: str, reason: str) -> None:
        self._write(stage, f"will be tried again: {reason}")
        self._shown.retried(stage, reason)

    def failed(self, stage: str, reason: str) -> None:
        self._failed = stage
        self._write(stage, f"failed: {reason}")
        self._shown.failed(stage, reason)

    def _write(self, stage: str, words: str) -> None:
        line = masked(first_line(ValueError(words)))
        with self._path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {self._run}  {stage:<8}  {line}\n")

    def _rotate(self) -> None:
        if not self._path.exists() or self._path.stat().st_size < _MOST_BYTES:
            return
        for number in range(_KEPT, 0, -1):
            older = self._path.with_name(f"refresh.log.{number}")
            younger = (
                self._path.with_name(f"refresh.log.{number - 1}") if number > 1 else self._path
            )
            if younger.exists():
                younger.replace(older)


def masked(text: str) -> str:
    """The text without e-mail and network addresses, and without the ids of people and devices."""
    return _PERSONAL.sub(lambda found: found[0] if _TIME.fullmatch(found[0]) else "…", text)
