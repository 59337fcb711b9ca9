"""How a command ends: 0 done; 1 failed; 2 the caller's mistake, told in one line; 3 another process
kept the writer lock for too long; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from ingestion.errors import UserError
from ingestion.lock import LockBusyError
from orchestration.console import safe

_INTERRUPTED = 130


def leave_with(command: Callable[[], object]) -> None:
    """Runs a command, tells on stderr what a user can mend, and leaves with the exit code."""
    with _interrupts() as interrupts:
        try:
            command()
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)
        except BrokenPipeError:
            _leave_the_reader()
        except SystemExit as leaving:
            # typer leaves with 1 then, and says nothing
            if isinstance(leaving.__context__, BrokenPipeError):
                _leave_the_reader()
            raise
        except Exception as error:
            if interrupts.came:
                sys.exit(_INTERRUPTED)
            code, words = _told(error)
            if words is None:
                raise
            sys.stderr.write(f"intent: {words}\n")
            sys.exit(code)


def _leave_the_reader() -> NoReturn:
    """The reader (head, less) has seen enough; nothing more is to be flushed at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _told(error: Exception) -> tuple[int, str | None]:
    """The exit code, and one line for whom it may concern; none where it is a fault of ours."""
    match error:
        case LockBusyError():
            return 3, _one_line(error)
        case UserError():
            return 2, _one_line(error)
        case PermissionError():
            return 2, f"{safe(error.filename)}: no permission"
    # imported here: it is not what every command needs
    from orchestration.disk import in_plain_words

    words = in_plain_words(error)
    return 1, None if words is None else safe(words)


def _one_line(error: Exception) -> str:
    return safe(" ".join(str(error).split()))


class _Interrupts:
    """Whether somebody has pressed Ctrl-C.

    DuckDB answers it with an error of its own: of the query, or of the stream of records that it
    was reading when Python raised KeyboardInterrupt there.
    """

    def __init__(self) -> None:
        self.came = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handles SIGINT as Python does, and remembers it."""
        self.came = True
        signal.default_int_handler(number, frame)


@contextmanager
def _interrupts() -> Iterator[_Interrupts]:
    """Notes interrupts within. What runs in the background ignores them, and goes on doing so."""
    noted = _Interrupts()
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield noted
        return
    signal.signal(signal.SIGINT, noted.note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
