"""Who writes: one operating-system file lock in the data directory.

The system lets go of it when its holder dies, so a killed run never leaves the door shut. The
holder's process id stands in a file beside it, for the message alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ingestion.errors import UserError
from ingestion.settings import Settings


class LockBusyError(UserError):
    """Another process writes in this data directory."""


def _holder_file(settings: Settings) -> Path:
    return settings.lock_file.with_name(settings.lock_file.name + ".pid")


def _holder(settings: Settings) -> str:
    try:
        return f"process {int(_holder_file(settings).read_text())}"
    except (OSError, ValueError):
        return "another process"


@contextlib.contextmanager
def writer_lock(settings: Settings, wait_seconds: float) -> Iterator[None]:
    """Holds the lock of `settings.data_dir`; waits up to `wait_seconds` for another holder.

    Raises LockBusyError, naming the holder, when the wait was in vain.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock_file)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise LockBusyError(
            f"{_holder(settings)} writes in {settings.data_dir} now; "
            "wait until it is done, or stop it"
        ) from None
    try:
        _holder_file(settings).write_text(str(os.getpid()))
        yield
    finally:
        lock.release()
