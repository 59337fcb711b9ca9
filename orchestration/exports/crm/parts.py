"""CSVs that are cut where an importer takes no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyarrow as pa

from orchestration.exports.csv_lines import encoded, lines


class Parts:
    """The files of one table: `<name>_<as of>.csv`, then `<name>_<as of>_2.csv` and so on.

    UTF-8 without a byte order mark, which an importer may take for a part of the first header; each
    has the headers. A table without rows is a file with headers alone.
    """

    def __init__(
        self, folder: Path, stem: str, headers: Sequence[str], most_rows: int, most_bytes: int
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._header = encoded(lines([[header] for header in headers]))
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

    def write(self, rows: pa.Array) -> None:
        """Writes lines, from the first that the present file has no room for into a new one."""
        if not len(rows):
            return
        content = encoded(rows)
        has_room = self._has_room_for(len(rows), len(content))
        if not has_room and len(rows) > 1:
            middle = len(rows) // 2
            self.write(rows[:middle])
            self.write(rows[middle:])
            return
        if not has_room and self._rows_of_part:
            self._begin()
        self._put(content)
        self._rows_of_part += len(rows)

    def _has_room_for(self, row_count: int, byte_count: int) -> bool:
        return (
            self._rows_of_part + row_count <= self._most_rows
            and self._bytes_of_part + byte_count <= self._most_bytes
        )

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
