"""CSV: a header, and rows of it; separated by commas, semicolons, tabs or bars; quoted by ".

A row may go over several lines where a quoted cell holds line ends. One stray quote must not
swallow what follows it: a row that its quotes spread over several lines counts only if it then has
a cell for each column; else its first line is rejected and the next is read for itself. Rows
spread over more than a thousand lines are taken for such a fault.

A last line without a line end counts where the file cannot grow (an archive, a list of leads); else
it is unfinished, since a cut cell looks like any other. A quote at its end proves nothing: it may
be the first of two, that stand for one within the cell.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingestion import blocks
from ingestion.lines import LineStream

UNREADABLE_ROW = "unreadable_row"
WRONG_COLUMN_COUNT = "wrong_column_count"
UNFINISHED_ROW = "unfinished_row"

_SEPARATORS = ",;\t|"
_MAX_LINES_OF_ROW = 1_000
_CELLS_OF_BATCH = 500_000

csv.field_size_limit(blocks.MAX_RECORD_BYTES)


@dataclass(frozen=True)
class Header:
    """The first line: what separates cells, and the names of the columns as they stand."""

    text: str
    separator: str
    names: tuple[str, ...]


def header_of(line: str) -> Header | None:
    """What `line` says as a header, with the separator that parts it most; None for none at all."""
    readings = [
        Header(line.strip("\r\n"), separator, tuple(cells))
        for separator in _SEPARATORS
        if (cells := _cells(line, separator))
    ]
    header = max(readings, key=lambda reading: len(reading.names), default=None)
    return header if header is not None and any(map(str.strip, header.names)) else None


def _cells(text: str, separator: str) -> list[str] | None:
    """The cells of exactly one row; None where `text` is not one."""
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    text: str
    problem: str | None
    cells: Sequence[str]


class CsvRows:
    """The rows of a file: batches of `ingestion.blocks` with a text column for each of the header.

    `record_count` counts rows and blank lines, not the header. `is_whole` is asked at the end,
    whether the file may not grow.
    """

    def __init__(self, lines: LineStream, header: Header, is_whole: Callable[[], bool]) -> None:
        self._lines = lines
        self._header = header
        self._is_whole = is_whole
        self._width = len(header.names)
        self._no_cells = [""] * self._width
        self._step = max(1, min(blocks.BATCH_RECORDS, _CELLS_OF_BATCH // self._width))
        self._is_header_due = True
        self.record_count = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, in the file's order."""
        rest: list[_Line] = []
        for batch in self._lines.batches():
            records = self._behind_header(batch)
            cells = None if rest else self._plain_cells(records)
            if cells is not None:
                yield from self._batches_of_cells(records, cells)
                continue
            columns = (records[name].to_pylist() for name in ("line_number", "line", "problem"))
            lines = [_Line(*parts) for parts in zip(*columns, strict=True)]
            rows, rest = self._rows([*rest, *lines], is_end=False)
            yield from self._batches_of(rows)
        rows, _ = self._rows(rest, is_end=True)
        yield from self._batches_of(rows)

    def _behind_header(self, lines: pa.RecordBatch) -> pa.RecordBatch:
        if not self._is_header_due:
            return lines
        for place, line in enumerate(lines["line"]):
            if line.as_py().strip():
                self._is_header_due = False
                return lines.slice(place + 1)
        return lines.slice(lines.num_rows)

    def _rows(self, lines: list[_Line], is_end: bool) -> tuple[list[_Row], list[_Line]]:
        """The rows of `lines`, and the lines of a last row that is still open.

        No line is read more than three times, however its quotes stand: between two lines with an
        odd number of quotes all are rows of their own.
        """
        rows: list[_Row] = []
        opened: int | None = None
        place = 0
        while place < len(lines) or (opened is not None and is_end):
            if opened is not None and self._is_astray(lines, opened, place):
                rows.append(self._row(lines[opened : opened + 1]))
                place, opened = opened, None
            elif lines[place].problem is None and lines[place].text.count('"') % 2:
                if opened is None:
                    opened = place
                else:
                    row = self._row(lines[opened : place + 1])
                    if row.problem is None:
                        rows.append(row)
                    else:
                        rows.append(self._row(lines[opened : opened + 1]))
                        place = opened
                    opened = None
            elif opened is None:
                rows.append(self._row(lines[place : place + 1]))
            place += 1
        return rows, [] if opened is None else lines[opened:]

    @staticmethod
    def _is_astray(lines: list[_Line], opened: int, place: int) -> bool:
        return (
            place == len(lines)
            or lines[place].problem is not None
            or place - opened >= _MAX_LINES_OF_ROW
        )

    def _plain_cells(self, lines: pa.RecordBatch) -> list[list[str]] | None:
        """The cells of each line, where every line is a row of its own: nearly always."""
        texts: list[str] = lines["line"].to_pylist()
        if not texts or not texts[-1].endswith("\n"):
            return None
        if lines["problem"].null_count < len(texts):
            return None
        if _has_odd_quotes(lines["line"]):
            return None
        try:
            rows = list(csv.reader(texts, delimiter=self._header.separator, strict=True))
        except csv.Error:
            return None
        if len(rows) != len(texts) or any(len(row) != self._width for row in rows):
            return None
        return rows

    def _batches_of_cells(
        self, lines: pa.RecordBatch, rows: list[list[str]]
    ) -> Iterator[pa.RecordBatch]:
        self.record_count += len(rows)
        for start in range(0, len(rows), self._step):
            some = rows[start : start + self._step]
            yield blocks.with_cells(lines.slice(start, len(some)), _columns(some))

    def _row(self, lines: list[_Line]) -> _Row:
        """One row of these lines, or what is wrong with it."""
        text = "".join(line.text for line in lines)
        number, problem = lines[0].number, lines[0].problem
        if problem is not None or not text.strip():
            return _Row(number, text, problem, self._no_cells)
        cells = _cells(text, self._header.separator)
        if not text.endswith("\n"):
            if self._is_whole():
                text += "\n"
            else:
                problem = UNFINISHED_ROW
        if cells is None:
            return _Row(number, text, UNREADABLE_ROW, self._no_cells)
        if len(cells) < self._width or any(cells[self._width :]):
            return _Row(number, text, WRONG_COLUMN_COUNT, self._no_cells)
        return _Row(number, text, problem, cells[: self._width])

    def _batches_of(self, rows: list[_Row]) -> Iterator[pa.RecordBatch]:
        self.record_count += len(rows)
        for start in range(0, len(rows), self._step):
            some = rows[start : start + self._step]
            batch = blocks.batch(
                [row.number for row in some],
                [row.text for row in some],
                [row.problem for row in some],
            )
            yield blocks.with_cells(batch, _columns([row.cells for row in some]))


def _has_odd_quotes(lines: pa.Array) -> bool:
    """Whether any line holds an odd number of quotes."""
    counts = pc.count_substring(lines, '"')
    return bool(pc.any(pc.equal(pc.bit_wise_and(counts, 1), 1)).as_py())


def _columns(rows: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Cells column by column; an empty one is null."""
    return [
        blocks.blank_is_null(pa.array(column, pa.string())) for column in zip(*rows, strict=True)
    ]
