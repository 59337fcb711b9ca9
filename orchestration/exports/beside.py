"""The longest export, written by a process of its own while this one writes the others.

`python -m orchestration.exports.beside NAME` imports what it needs, waits for a byte on standard
input, writes the export of that name, and answers with its path and count on standard output; where
that fails, with nothing. When standard input ends, whoever asked is gone (killed, perhaps), and so
is the process, at once: nothing may be written when the next writer has the lock. A draft that it
leaves is taken away by the next tidying.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.exports.everything import EXPORTS, Export

LONGEST = "workbook"
_BEGIN = b"\n"
_PARENT_IS_GONE = 3


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
                stderr=subprocess.DEVNULL,  # what fails there is tried here, and told
                process_group=0,  # who interrupts this process says nothing to that one
            )

    def begin(self) -> None:
        """Has the longest export written of what is published now."""
        self.prepare()
        assert self._process is not None
        assert self._process.stdin is not None
        self._has_begun = True
        with suppress(BrokenPipeError):  # it was killed: `write` does its work
            self._process.stdin.write(_BEGIN)
            self._process.stdin.flush()

    def write(self, export: Export) -> tuple[Path, int]:
        """Writes an export; waits for the one that is written over there.

        Where that came to nothing it is written here, which succeeds or tells why not.
        """
        if export.name == LONGEST and self._has_begun:
            assert self._process is not None
            assert self._process.stdout is not None
            answer = self._process.stdout.read()
            self.close()
            if answer:
                path, count = json.loads(answer)
                return Path(path), count
        return export.write(self._settings)

    def close(self) -> None:
        """Ends the process, whatever it is at."""
        process, self._process, self._has_begun = self._process, None, False
        if process is not None:
            process.kill()
            process.communicate()


def main(name: str) -> None:
    """Waits for a byte, writes the export, and answers."""
    settings = Settings.from_environment()
    [export] = [each for each in EXPORTS if each.name == name]
    if not os.read(sys.stdin.fileno(), 1):
        sys.exit(_PARENT_IS_GONE)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    path, count = export.write(settings)
    os.write(sys.stdout.fileno(), json.dumps([str(path), count]).encode())


def _leave_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(_PARENT_IS_GONE)


if __name__ == "__main__":
    main(*sys.argv[1:])
