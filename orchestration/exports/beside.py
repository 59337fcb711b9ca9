"""The longest export, written by a process of its own while this one writes the others.

`python -m orchestration.exports.beside NAME` imports what it needs, waits for a line on standard
input, writes the export of that name, and answers on standard output with a pickle: the export's
path and count, or the exception that it ended in. When standard input ends, whoever asked is gone
(killed, perhaps), and so is the process: nothing may be written when the next writer has the lock.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.exports.everything import EXPORTS, Export

LONGEST = "workbook"
_BEGIN = b"\n"
_PARENT_IS_GONE = 3
_SECONDS_TO_STOP = 5


class Beside:
    """Writes the longest export over there, once it is told to; any other right here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._has_begun = False

    def prepare(self) -> None:
        """Starts the process, which waits."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "orchestration.exports.beside", LONGEST],
                env={**os.environ, **self._settings.environment()},
                cwd=PROJECT_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )

    def begin(self) -> None:
        """Has the longest export written of what is published now."""
        self.prepare()
        assert self._process is not None
        assert self._process.stdin is not None
        self._has_begun = True
        try:
            self._process.stdin.write(_BEGIN)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died, and `write` does its work

    def write(self, export: Export) -> tuple[Path, int]:
        """Writes an export, or waits until it is written; raises what writing it raises."""
        if export.name != LONGEST or not self._has_begun:
            return export.write(self._settings)
        assert self._process is not None
        assert self._process.stdout is not None
        told = self._process.stdout.read()
        self.close()
        try:
            answer: Any = pickle.loads(told)  # by a process of our own
        except (EOFError, pickle.UnpicklingError):
            # it was killed, for want of memory perhaps
            return export.write(self._settings)
        if isinstance(answer, BaseException):
            raise answer
        path, count = answer
        return path, count

    def close(self) -> None:
        """Ends the process, whatever it is at; its drafts go with it."""
        process, self._process, self._has_begun = self._process, None, False
        if process is not None:
            try:
                process.communicate(timeout=_SECONDS_TO_STOP)  # nothing more comes
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def main(name: str) -> None:
    """Waits for a line, writes the export, and answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted parent says what to do
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_PARENT_IS_GONE))
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    settings = Settings.from_environment()
    [export] = [each for each in EXPORTS if each.name == name]
    if not sys.stdin.buffer.readline():
        sys.exit(_PARENT_IS_GONE)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    answer: Any
    try:
        answer = export.write(settings)
    except Exception as error:  # noqa: BLE001 - told over there
        answer = error
    answers.write(pickle.dumps(answer))
    answers.flush()
    os._exit(0)


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)  # which ends the writing, and takes its drafts away


if __name__ == "__main__":
    main(*sys.argv[1:])
