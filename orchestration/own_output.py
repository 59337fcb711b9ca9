"""A process that speaks for itself, while libraries and child processes write into a log."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ingestion.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Buffer


@dataclass(frozen=True)
class OwnOutput:
    """What were standard output and standard error, and where everything else goes meanwhile."""

    out: TextIO
    error: TextIO
    log_file: Path


@contextmanager
def own_output(settings: Settings) -> Iterator[OwnOutput]:
    """Until the end of the block, descriptors 1 and 2 lead into a new file in `<data>/logs/`.

    Child processes inherit that. Afterwards they lead where they did.
    """
    log_file = _new_log_file(settings)
    with ExitStack() as stack:
        log = stack.enter_context(log_file.open("ab", buffering=0))
        out = stack.enter_context(_taken_over(sys.stdout, 1, log.fileno()))
        error = stack.enter_context(_taken_over(sys.stderr, 2, log.fileno()))
        yield OwnOutput(out, error, log_file)


@contextmanager
def _taken_over(stream: TextIO, descriptor: int, to: int) -> Iterator[TextIO]:
    stream.flush()
    kept = os.dup(descriptor)
    writer = io.BufferedWriter(_PatientFile(os.dup(descriptor), "w"))
    try:
        with io.TextIOWrapper(writer, encoding="utf-8", errors="replace") as text:
            os.dup2(to, descriptor)
            yield text
    finally:
        stream.flush()
        os.dup2(kept, descriptor)
        os.close(kept)


class _PatientFile(io.FileIO):
    """A file whose reader may leave (`intent refresh | head`): the work goes on without."""

    def write(self, content: Buffer, /) -> int:
        try:
            return super().write(content)
        except BrokenPipeError:
            return memoryview(content).nbytes


def _new_log_file(settings: Settings) -> Path:
    folder = settings.make_folder(settings.logs)
    return folder / f"refresh-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
