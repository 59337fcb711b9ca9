"""Files of landing/ that are being written: under a name that the loader passes over, locked.

A file is its writer's for as long as the operating system holds the lock, which goes with the
process. So what a killed collector left is told from what another one writes now, and anybody who
holds the lock may finish the file: cut what was torn, and give it its name.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from ingestion.folders import sync_folder
from ingestion.landing import Kind, own_file

PART = ".part"

_BLOCK_BYTES = 64 << 10


class LiveFile:
    """A new file of whole lines. What `append` has returned from is on the disk.

    Raises OSError where it cannot be made, and from every method.
    """

    def __init__(self, landing: Path, kind: Kind) -> None:
        self._path, self._descriptor = _create(landing, kind)
        self.byte_count = 0
        """Bytes that are surely on the disk."""
        self.is_sound = True
        """False where the disk failed: the file takes no more."""

    def append(self, lines: bytes) -> None:
        """Writes whole lines, and waits until the disk has them: all of them, or none."""
        try:
            _write(self._descriptor, lines, self.byte_count)
            os.fsync(self._descriptor)
        except OSError:
            # After a failed fsync nobody knows which pages are good; those before it are.
            self.is_sound = False
            os.ftruncate(self._descriptor, self.byte_count)
            raise
        self.byte_count += len(lines)

    def seal(self) -> None:
        """Gives the file its name, or removes it where it is empty; then lets go of it."""
        _finish(self._path, self.byte_count)
        self.close()

    def discard(self) -> None:
        """Removes the file, under its name too where `seal` failed after it, and lets go of it."""
        try:
            for path in (self._path, _finished(self._path)):
                path.unlink(missing_ok=True)
        finally:
            self.close()

    def close(self) -> None:
        """Lets go of the file as it is: `finish_leftovers` may take it."""
        os.close(self._descriptor)


def finish_leftovers(landing: Path) -> list[Path]:
    """Finishes the files that no process writes any more; the names that they have now.

    A torn last line was never answered for, and is cut. Raises OSError.
    """
    finished = []
    for path in sorted(landing.glob(f"*{PART}")):
        own = own_file(path.name.removesuffix(PART))
        if own is None or own.day is None:
            continue
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            # finished by another collector, just now
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, path):
                end = _end_of_lines(descriptor)
                os.ftruncate(descriptor, end)
                os.fsync(descriptor)
                finished += _finish(path, end)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    return finished


def _create(landing: Path, kind: Kind) -> tuple[Path, int]:
    while True:
        now = datetime.now(UTC)
        path = landing / f"{kind}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}.ndjson{PART}"
        # people's data: nobody else's to read
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # between the two lines above another collector may have found it empty, and removed it
        if _is_at(descriptor, path):
            try:
                sync_folder(landing)
            except OSError:
                path.unlink()
                os.close(descriptor)
                raise
            return path, descriptor
        os.close(descriptor)


def _write(descriptor: int, data: bytes, offset: int) -> None:
    rest = memoryview(data)
    while rest:
        count = os.pwrite(descriptor, rest, offset)
        rest = rest[count:]
        offset += count


def _finish(path: Path, byte_count: int) -> list[Path]:
    if byte_count == 0:
        path.unlink()
        return []
    finished = _finished(path)
    path.rename(finished)
    sync_folder(path.parent)
    return [finished]


def _finished(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(PART))


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _end_of_lines(descriptor: int) -> int:
    """Where the last whole line ends."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
