"""CSVs that are cut where an importer takes no more."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

LINE_END = "\r\n"


class Parts:
    """The files of one table: `<name>_<as of>.csv`, then `<name>_<as of>_2.csv` and so on.

    UTF-8 without a byte order mark, which an importer may take for a part of the first header; each
    has the headers. A table without rows is a file with headers alone.
    """

    def __init__(
        self, folder: Path, stem: str, headers: Sequence[str], most_rows: int, most_bytes: int
    ) -> None:
        self.row_count = 0
        self._folder = folder
        self._stem = stem
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._buffer = io.StringIO(newline="")
        self._lines = csv.writer(self._buffer, lineterminator=LINE_END)
        self._header = self._encoded(headers)
        self._part_count = 0
        self._rows_of_part = 0
        self._bytes_of_part = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, cells: Sequence[str]) -> None:
        """Writes a row, into a new file where the present one is full."""
        line = self._encoded(cells)
        is_full = self._rows_of_part >= self._most_rows
        is_heavy = self._bytes_of_part + len(line) > self._most_bytes
        if is_full or (is_heavy and self._rows_of_part):
            self._begin()
        self._put(line)
        self._rows_of_part += 1
        self.row_count += 1

    def _begin(self) -> None:
        if self._file:
            self._file.close()
        self._part_count += 1
        number = f"_{self._part_count}" if self._part_count > 1 else ""
        self._file = (self._folder / f"{self._stem}{number}.csv").open("xb")
        self._rows_of_part = self._bytes_of_part = 0
        self._put(self._header)

    def _put(self, line: bytes) -> None:
        assert self._file is not None
        self._file.write(line)
        self._bytes_of_part += len(line)

    def _encoded(self, cells: Sequence[str]) -> bytes:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._lines.writerow(cells)
        return self._buffer.getvalue().encode()
