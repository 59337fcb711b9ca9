"""The journal: events onto the disk before anybody is told that they were taken.

One thread writes. While it waits for the disk, what comes in gathers, and goes to the disk as one:
so many requests share an fsync, and the event loop waits for none.

Files are written in landing/ itself, under an unfinished name (`ingestion.collector.live_files`),
and rotated by a rename: no other folder, since a rename is whole only within one file system.
"""

from __future__ import annotations

import asyncio
import errno
import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ingestion.collector.live_files import LiveFile, finish_leftovers
from ingestion.landing import Kind
from ingestion.settings import Settings

ROTATE_SECONDS = 60.0
ROTATE_BYTES = 8 << 20
WAITING_BYTES = 16 << 20

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)

# json.dumps makes one for each call
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_ASCII_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


class JournalError(OSError):
    """The journal did not take it: nothing of it is kept."""


class JournalBusyError(JournalError):
    """More waits for the disk than may: to be sent again a little later."""


class JournalFailedError(JournalError):
    """The disk did not take it. Says why, in words for the sender."""


@dataclass(frozen=True)
class _Entry:
    lines: bytes
    is_urgent: bool
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class Journal:
    """Takes events while it is open (`with`); two on one data directory do not meet.

    Opening finishes what killed collectors left. Closing writes what still waits, and puts all of
    it into landing/. Raises OSError where landing/ cannot be made or written.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        rotate_seconds: float = ROTATE_SECONDS,
        rotate_bytes: int = ROTATE_BYTES,
        waiting_bytes: int = WAITING_BYTES,
    ) -> None:
        self.landing = settings.landing
        self._settings = settings
        self._rotate_seconds = rotate_seconds
        self._rotate_bytes = rotate_bytes
        self._most_waiting = waiting_bytes
        self._changed = threading.Condition()
        self._queue: list[_Entry] = []
        self._waiting_bytes = 0
        self._is_closing = False
        self._thread: threading.Thread | None = None
        self._live: LiveFile | None = None
        self._live_since = 0.0
        self.failure: str | None = None
        """What the disk said last, while it fails; None while it takes what comes."""

    def __enter__(self) -> Journal:
        self._settings.make_folder(self.landing)
        finish_leftovers(self.landing)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Writes what waits, rotates, and ends the thread; nothing is taken from now on."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_open(self) -> bool:
        """Whether it takes events."""
        is_alive = self._thread is not None and self._thread.is_alive()
        return is_alive and not self._is_closing

    async def append(self, messages: Sequence[Mapping[str, Any]], is_urgent: bool = False) -> None:
        """Returns when the messages are on the disk, in their order, as lines of NDJSON.

        A message without `receivedAt` gets the time of now. Urgent ones are in a file of their own
        in landing/ by then, so that a refresh starts for them; others when their file is rotated.

        Raises JournalBusyError and JournalFailedError: then none of them is kept. ValueError where
        a message is no JSON.
        """
        await self.append_lines(lines_of(messages), is_urgent)

    async def append_lines(self, lines: bytes, is_urgent: bool = False) -> None:
        """The same for messages that `lines_of` has made lines of already."""
        if not lines:
            return
        loop = asyncio.get_running_loop()
        entry = _Entry(lines, is_urgent, loop, loop.create_future())
        with self._changed:
            if not self.is_open:
                raise JournalFailedError("the collector is ending")
            # one that comes alone is taken however large it is
            if self._waiting_bytes and self._waiting_bytes + len(entry.lines) > self._most_waiting:
                raise JournalBusyError
            self._queue.append(entry)
            self._waiting_bytes += len(entry.lines)
            self._changed.notify()
        await entry.done

    def _run(self) -> None:
        group: list[_Entry] = []
        try:
            while group := self._next_group():
                self._commit(group)
                self._rotate_if_due()
        finally:
            # also after a mistake of ours: whoever waits must hear that nothing was promised
            with self._changed:
                self._is_closing = True
                left, self._queue = group + self._queue, []
            _settle(left, JournalFailedError("the collector has failed"))
            self._seal()

    def _next_group(self) -> list[_Entry]:
        """All that waits, once there is any; none where the journal closes."""
        while True:
            with self._changed:
                if not self._queue and not self._is_closing:
                    self._changed.wait(self._seconds_to_rotation())
                group, self._queue = self._queue, []
                is_closing = self._is_closing
            if group or is_closing:
                return group
            if self._live is None:
                self._finish_leftovers()
            else:
                self._rotate_if_due()

    def _seconds_to_rotation(self) -> float:
        if self._live is None:
            return self._rotate_seconds
        return max(0.0, self._live_since + self._rotate_seconds - time.monotonic())

    def _commit(self, group: list[_Entry]) -> None:
        """One write and one fsync for those that are urgent, and one for the others."""
        for is_urgent, write in ((False, self._write), (True, self._write_at_once)):
            entries = [entry for entry in group if entry.is_urgent is is_urgent]
            if not entries:
                continue
            error = None
            try:
                write(b"".join(entry.lines for entry in entries))
                self.failure = None
            except OSError as found:
                self.failure = _in_words(found)
                error = JournalFailedError(self.failure)
            with self._changed:
                self._waiting_bytes -= sum(len(entry.lines) for entry in entries)
            _settle(entries, error)

    def _write_at_once(self, lines: bytes) -> None:
        # what led to the request is to be loaded with it: the report goes by the whole visit
        self._seal()
        file = LiveFile(self.landing, Kind.requests)
        try:
            file.append(lines)
            file.seal()
        except OSError:
            # not as a leftover either: the visitor is told to send it again, as another request
            file.discard()
            raise

    def _write(self, lines: bytes) -> None:
        if self._live is not None and not self._live.is_sound:
            self._seal()
        if self._live is None:
            self._live = LiveFile(self.landing, Kind.events)
            self._live_since = time.monotonic()
        self._live.append(lines)

    def _rotate_if_due(self) -> None:
        if self._live is not None and (
            self._live.byte_count >= self._rotate_bytes or self._seconds_to_rotation() == 0
        ):
            self._seal()
            self._finish_leftovers()

    def _seal(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            try:
                live.seal()
            except OSError as error:
                # its lines are on the disk, and it is taken up as a leftover
                live.close()
                self.failure = _in_words(error)

    def _finish_leftovers(self) -> None:
        """Of a collector beside this one that was killed, or of a disk that failed."""
        try:
            finish_leftovers(self.landing)
        except OSError as error:
            self.failure = _in_words(error)


def lines_of(messages: Iterable[Mapping[str, Any]]) -> bytes:
    """The messages as lines of NDJSON; one without `receivedAt` gets the time of now. Raises
    ValueError where one is no JSON."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # at the end, since the first key of a refusal tells what it is
    return b"".join(
        _line({**message, "receivedAt": message.get("receivedAt") or now}) for message in messages
    )


def _line(message: Mapping[str, Any]) -> bytes:
    try:
        return _JSON.encode(message).encode() + b"\n"
    except UnicodeEncodeError:
        # half of a surrogate pair: written as an escape, which the loader knows
        return _ASCII_JSON.encode(message).encode() + b"\n"


def _settle(entries: Iterable[_Entry], error: Exception | None) -> None:
    """Tells those who wait, with one call into each of their loops."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Entry]] = {}
    for entry in entries:
        by_loop.setdefault(entry.loop, []).append(entry)
    for loop, waiting in by_loop.items():
        try:
            loop.call_soon_threadsafe(_tell, waiting, error)
        except RuntimeError:
            # the loop is closed: nobody waits any more
            continue


def _tell(entries: list[_Entry], error: Exception | None) -> None:
    for entry in entries:
        if entry.done.done():
            # whoever waited has gone
            continue
        if error is None:
            entry.done.set_result(None)
        else:
            entry.done.set_exception(error)


def _in_words(error: OSError) -> str:
    if error.errno in _FULL:
        return "the disk is full"
    if error.errno in _REFUSED:
        return "the folder cannot be written to"
    return "the disk failed"
