"""The writer lock as one run of the job holds it."""

from __future__ import annotations

from contextlib import ExitStack

from ingestion.lock import check_free, writer_lock
from ingestion.settings import Settings

SECONDS_TO_WAIT = 600
"""How long a run waits for another writer before it is tried again later, or given up."""


class Writer:
    """The writer lock, taken by a run's first writing step and kept until the run's end.

    Between load, build, publish and export nobody else can write, although each is a step of its
    own. That holds because a run is one process (the in-process executor), and what it starts
    beside itself ends before the lock is let go.
    """

    def __init__(self, settings: Settings, wait_seconds: float = SECONDS_TO_WAIT) -> None:
        self._settings = settings
        self._wait_seconds = wait_seconds
        self._held = ExitStack()
        self._is_held = False

    def hold(self) -> None:
        """Waits for the lock, if this run does not hold it yet. Raises lock.LockBusyError."""
        if not self._is_held:
            self._held.enter_context(writer_lock(self._settings, self._wait_seconds))
            self._is_held = True

    def probe(self) -> None:
        """Raises lock.LockBusyError, naming the holder, where another process writes now."""
        check_free(self._settings)

    def release(self) -> None:
        """Lets the next writer in."""
        self._is_held = False
        self._held.close()
