"""Who writes: one operating-system file lock in the data directory.

The system lets go of it when its holder dies, so a killed run never leaves the door shut. The
holder's process id stands in a file beside it, for the message alone.

Whoever takes it finds both database files whole: what a killed one left is mended first.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.torn_pages import mend_torn_pages

_LOG = logging.getLogger("intent.ingestion")
_GLANCE_SECONDS = 0.2
"""The least wait: whoever asks who writes has the lock for an instant, and is no writer."""


class LockBusyError(UserError):
    """Another process writes in this data directory."""


def _holder_file(settings: Settings) -> Path:
    return settings.lock_file.with_name(settings.lock_file.name + ".pid")


def _holder(settings: Settings) -> str:
    try:
        return f"process {int(_holder_file(settings).read_text())}"
    except (OSError, ValueError):
        return "another process"


def _busy(settings: Settings) -> LockBusyError:
    return LockBusyError(
        f"{_holder(settings)} writes in {settings.data_dir} now; wait until it is done, or stop it"
    )


def check_free(settings: Settings) -> None:
    """Raises LockBusyError, naming the holder, where a process writes now.

    Reading the lock file is enough for that, and nothing is written or made. Raises OSError where
    it may not be read.
    """
    try:
        descriptor = os.open(settings.lock_file, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        # shared: two that ask at once are not in each other's way
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _busy(settings) from None
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def writer_lock(settings: Settings, wait_seconds: float) -> Iterator[None]:
    """Holds the lock of `settings.data_dir`; waits up to `wait_seconds` for another holder.

    Raises LockBusyError, naming the holder, when the wait was in vain.
    """
    settings.make_folder(settings.data_dir)
    lock = FileLock(settings.lock_file)
    try:
        lock.acquire(timeout=max(wait_seconds, _GLANCE_SECONDS))
    except Timeout:
        raise _busy(settings) from None
    try:
        _holder_file(settings).write_text(str(os.getpid()))
        for path in (settings.warehouse, settings.marts):
            for page, checksum in mend_torn_pages(path).items():
                _LOG.warning(
                    "%s: mended what an interrupted write had left of page %d (checksum was %s)",
                    *(path.name, page, checksum),
                )
        yield
    finally:
        # while it is still ours: the next holder may be one that does not say who it is (flock)
        _holder_file(settings).unlink(missing_ok=True)
        lock.release()
