"""What is known of each message: `<data>/deliveries.jsonl`, a line for each step of it.

The intent to send is on the disk before the message leaves, and the result after. An intent without
a result is uncertain (a kill between the two, or a server that did not answer), and is never sent
again by itself: SMTP allows no better. Lines hold no address and no text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery.smtp import NotSentError, UncertainError

SECONDS_TO_WAIT = 60


class State(StrEnum):
    """How far a message came."""

    intended = "intended"
    sent = "sent"
    failed = "failed"
    """Not sent, for certain: it may be tried again."""
    uncertain = "uncertain"


@dataclass(frozen=True)
class Delivery:
    """What the ledger says last of a message; `at` is ISO time, UTC."""

    key: str
    state: State
    at: str

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is done about it without somebody's word."""
        return self.state is not State.failed


class Ledger:
    """The ledger of one data directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.deliveries

    def last(self, key: str) -> Delivery | None:
        """What is known of the message; an intent without a result is uncertain."""
        return self._known().get(key)

    def uncertain(self) -> list[Delivery]:
        """The messages of which nobody knows whether they were sent."""
        return [each for each in self._known().values() if each.state is State.uncertain]

    def _known(self) -> dict[str, Delivery]:
        """The last of each message, by key."""
        known = {each.key: each for each in self._lines()}
        return {
            key: replace(last, state=State.uncertain) if last.state is State.intended else last
            for key, last in known.items()
        }

    def deliver(
        self,
        key: str,
        send: Callable[[], object],
        now: Callable[[], datetime],
        *,
        again: bool = False,
    ) -> Delivery:
        """Sends the message `key` unless it has been sent, or may have been; one process at a time.

        again: send it whatever the ledger says. `send` raises NotSentError and UncertainError,
        which go on to the caller; whatever else it raises leaves the message uncertain. Returns
        what is known afterwards: of a message that is left alone, what was known before.
        """
        with self._locked():
            last = self.last(key)
            if last is not None and last.is_settled and not again:
                return last
            self._write(key, State.intended, now())
            try:
                send()
            except NotSentError:
                self._write(key, State.failed, now())
                raise
            except UncertainError:
                self._write(key, State.uncertain, now())
                raise
            return self._write(key, State.sent, now())

    def _lines(self) -> Iterator[Delivery]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                fields = json.loads(line)
                yield Delivery(fields["key"], State(fields["state"]), fields["at"])
            except (ValueError, KeyError, TypeError):
                # the end of a line that a kill cut off: it was not on the disk, so nothing was sent
                continue

    def _write(self, key: str, state: State, at: datetime) -> Delivery:
        delivery = Delivery(key, state, at.isoformat(timespec="seconds"))
        self._settings.make_folder(self._path.parent)
        is_new = not self._path.exists()
        with self._path.open("a+b") as file:
            if file.tell() and not self._ends_whole():
                file.write(b"\n")
            file.write(json.dumps(asdict(delivery)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(self._path.parent)
        return delivery

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._settings.make_folder(self._path.parent)
        lock = FileLock(self._path.with_name(f".{self._path.name}.lock"))
        try:
            lock.acquire(timeout=SECONDS_TO_WAIT)
        except Timeout:
            raise UserError(
                f"another process is sending mail from {self._settings.data_dir}; nothing was sent"
            ) from None
        try:
            yield
        finally:
            lock.release()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
