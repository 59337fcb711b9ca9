"""What is known of each message: `<data>/deliveries.jsonl`, a line for each step of it.

The intent to send is on the disk before the message leaves, and the result after. An intent without
a result is uncertain (a kill between the two, or a server that did not answer), and is never sent
again by itself: SMTP allows no better. Lines hold no address and no text.

Of a message of which nothing was heard for STEPS_KEPT, the last line is kept alone: else each run
would read all that was ever tried.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingestion.errors import UserError
from ingestion.folders import sync_folder
from ingestion.settings import Settings
from orchestration.delivery.smtp import Failure, NotSentError, UncertainError
from orchestration.exports.files import write_file

SECONDS_TO_WAIT = 60
STEPS_KEPT = timedelta(days=30)
_LINES_WORTH_IT = 1_000
"""So many that say nothing any more are taken out at once."""


class State(StrEnum):
    """How far a message came."""

    waiting = "waiting"
    """To be sent, and nothing was tried."""
    intended = "intended"
    sent = "sent"
    failed = "failed"
    """Not sent, for certain: it may be tried again."""
    uncertain = "uncertain"


class Channel(StrEnum):
    """Where a message goes."""

    smtp = "smtp"
    outbox = "outbox"
    """A file: nobody has sent it."""


@dataclass(frozen=True)
class Delivery:
    """What the ledger says last of a message; `at` is ISO time, UTC."""

    key: str
    state: State
    at: str
    attempt: int = 1
    """The how-manieth try it was; 0 of a message that waits for its first."""
    failure: Failure | None = None
    """Why it was not sent; None also in lines of earlier versions."""
    code: int | None = None
    """What the server answered."""
    channel: Channel | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is done about it without somebody's word."""
        return self.state not in {State.failed, State.waiting}

    @property
    def time(self) -> datetime:
        """`at` as a time, with its zone."""
        return datetime.fromisoformat(self.at)


class BusyLedgerError(UserError):
    """Another process is sending."""


class Ledger:
    """The ledger of one data directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.deliveries

    def known(self) -> dict[str, Delivery]:
        """The last of each message, by key; an intent without a result is uncertain."""
        return _known(self._lines())

    def last(self, key: str) -> Delivery | None:
        """What is known of the message; an intent without a result is uncertain."""
        return self.known().get(key)

    def uncertain(self) -> list[Delivery]:
        """The messages of which nobody knows whether they were sent."""
        return [each for each in self.known().values() if each.state is State.uncertain]

    def deliver(
        self,
        key: str,
        send: Callable[[], object],
        now: Callable[[], datetime],
        *,
        again: bool = False,
    ) -> Delivery:
        """Sends the message `key` as OpenLedger.deliver does. Raises BusyLedgerError."""
        with self.opened() as ledger:
            return ledger.deliver(key, send, now, again=again)

    @contextmanager
    def opened(self, wait_seconds: float = SECONDS_TO_WAIT) -> Iterator[OpenLedger]:
        """The ledger to write in, for one process at a time. Raises BusyLedgerError."""
        self._settings.make_folder(self._path.parent)
        lock = FileLock(self._path.with_name(f".{self._path.name}.lock"))
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout:
            raise BusyLedgerError(
                f"another process is sending mail from {self._settings.data_dir}; nothing was sent"
            ) from None
        try:
            steps = list(self._lines())
            self._shorten(steps)
            yield OpenLedger(self._path, _known(steps))
        finally:
            lock.release()

    def _shorten(self, steps: Sequence[Delivery]) -> None:
        """Takes out what says nothing any more, where it is much: by a rename, so that a kill
        leaves the old file or the new one, of which the same is known. Raises OSError."""
        kept = _still_telling(steps)
        if len(steps) - len(kept) < _LINES_WORTH_IT:
            return
        write_file(self._path, b"".join(map(_line, kept)))
        # what is noted from now on is in the new file: after a power cut it must be the one there
        sync_folder(self._path.parent)

    def _lines(self) -> Iterator[Delivery]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                yield _delivery(json.loads(line))
            except (ValueError, KeyError, TypeError):
                # the end of a line that a kill cut off: it was not on the disk, so nothing was sent
                continue


class OpenLedger:
    """The ledger in the hands of the process that holds its lock."""

    def __init__(self, path: Path, known: dict[str, Delivery]) -> None:
        self._path = path
        self._known = known

    @property
    def known(self) -> Mapping[str, Delivery]:
        """The last of each message, by key, as in Ledger.known."""
        return self._known

    def deliver(
        self,
        key: str,
        send: Callable[[], object],
        now: Callable[[], datetime],
        *,
        again: bool = False,
        channel: Channel = Channel.smtp,
    ) -> Delivery:
        """Sends the message `key` unless it has been sent, or may have been.

        again: send it whatever the ledger says. `send` raises NotSentError and UncertainError,
        which go on to the caller; whatever else it raises leaves the message uncertain. Returns
        what is known afterwards: of a message that is left alone, what was known before.
        """
        last = self._known.get(key)
        if last is not None and last.is_settled and not again:
            return last
        attempt = 1 if last is None or last.is_settled else last.attempt + 1

        def note(state: State, error: NotSentError | None = None) -> Delivery:
            failure, code = (error.failure, error.code) if error else (None, None)
            delivery = Delivery(key, state, iso(now()), attempt, failure, code, channel)
            self.note([delivery])
            return delivery

        note(State.intended)
        try:
            send()
        except NotSentError as error:
            note(State.failed, error)
            raise
        except UncertainError:
            note(State.uncertain)
            raise
        except BaseException:
            self._known[key] = replace(self._known[key], state=State.uncertain)
            raise
        return note(State.sent)

    def note(self, deliveries: Sequence[Delivery]) -> None:
        """Writes a line for each; they are on the disk when this returns."""
        if not deliveries:
            return
        is_new = not self._path.exists()
        lines = [_line(each) for each in deliveries]
        with self._path.open("a+b") as file:
            if file.tell() and not self._ends_whole():
                file.write(b"\n")
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._path.parent)
        self._known |= {each.key: each for each in deliveries}

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def is_request(key: str) -> bool:
    """Whether a key is that of a request: those of other messages have a slash."""
    return "/" not in key


def noted(key: str, state: State, at: datetime, **fields: Any) -> Delivery:
    """A line of the ledger as of `at` (with a zone)."""
    return Delivery(key, state, iso(at), **fields)


def iso(at: datetime) -> str:
    """A time as the ledger has it."""
    return at.isoformat(timespec="milliseconds")


def _delivery(fields: dict[str, Any]) -> Delivery:
    """A line as this version or an earlier one wrote it, of which some fields are missing."""
    failure, channel = fields.get("failure"), fields.get("channel")
    delivery = Delivery(
        key=fields["key"],
        state=State(fields["state"]),
        at=fields["at"],
        attempt=int(fields.get("attempt", 1)),
        failure=None if failure is None else Failure(failure),
        code=fields.get("code"),
        channel=None if channel is None else Channel(channel),
    )
    if delivery.time.tzinfo is None or not isinstance(delivery.key, str):
        raise ValueError("a line that is none of the ledger's")
    return delivery


def _known(steps: Iterable[Delivery]) -> dict[str, Delivery]:
    """The last of each message; an intent without a result is uncertain."""
    known = {each.key: each for each in steps}
    return {
        key: replace(last, state=State.uncertain) if last.state is State.intended else last
        for key, last in known.items()
    }


def _still_telling(steps: Sequence[Delivery]) -> list[Delivery]:
    """Without the earlier steps of messages that are older than STEPS_KEPT, counted back from the
    newest step."""
    last_of = {each.key: place for place, each in enumerate(steps)}
    since = max((each.time for each in steps), default=None)
    if since is None:
        return []
    return [
        each
        for place, each in enumerate(steps)
        if last_of[each.key] == place or steps[last_of[each.key]].time >= since - STEPS_KEPT
    ]


def _line(delivery: Delivery) -> bytes:
    return json.dumps(_fields(delivery)).encode() + b"\n"


def _fields(delivery: Delivery) -> dict[str, Any]:
    return {name: value for name, value in asdict(delivery).items() if value is not None}
