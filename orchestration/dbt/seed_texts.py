"""Whether the files of seeds/ are tables at all, whatever they hold: asked before dbt parses them,
which stops at the first that is none and names neither the file nor the line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ingestion.errors import UserError

_TOLD = 20
"""So many problems are told, the others counted."""
_OTHER_SEPARATOR = re.compile(r"""^"?[\w .]*"?([;\t|])""")
_SPACE_BEFORE_QUOTE = re.compile(r'(?:^|,)[ \t]+"')
_QUOTE_BEHIND_SPACE = re.compile(r'[ \t]+"')
_LONGEST_CELL = 131_072
"""Which dbt takes."""


class Row(NamedTuple):
    """A row of a file: the line that it begins in, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """What a file holds."""

    columns: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in a file, and what to write instead."""

    place: str
    """How people know the file."""
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}: {self.words}"


class NoTableError(ValueError):
    """Nothing can be made of the file from `line` on."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def check_seed_texts(root: Path) -> None:
    """Raises UserError with each file of seeds/ that is no table, and its first line that shows
    it."""
    problems = []
    for path in sorted((root / "seeds").rglob("*.csv")):
        try:
            table_in(path.read_bytes())
        except NoTableError as error:
            problems.append(Problem(str(path.relative_to(root)), error.line, str(error)))
    refuse(problems)


def refuse(problems: Sequence[Problem]) -> None:
    """Raises UserError with these, the first of them in words, where there are any."""
    if problems:
        more = [f"and {len(problems) - _TOLD:,} more"] if len(problems) > _TOLD + 1 else []
        told = problems[:_TOLD] if more else problems
        raise UserError("\n".join([*map(str, told), *more]))


def table_in(content: bytes) -> Table:
    """The table that a file holds, as DuckDB reads it. Raises NoTableError."""
    text = _text_of(content)
    _check_separator(text)
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    header = _next_row(reader, lines)
    _check_header(header, lines.row)
    ending, rows = lines.ending, []
    while lines.has_more():
        cells = _next_row(reader, lines)
        if lines.ending not in (ending, ""):
            raise NoTableError(
                lines.begun, "lines end in two ways, of Windows and of Unix; save the file with one"
            )
        if not cells and len(header) > 1:
            continue
        _check_cells(cells, header, lines)
        rows.append(Row(lines.begun, dict(zip(header, cells, strict=True))))
    return Table(header, rows)


class _Lines:
    """The lines of a text, as the reader takes them; of the row that it reads, its text."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="").readlines()
        self._taken = 0
        self.begun = 1
        """The line in which the row begins."""
        self.row = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.has_more():
            raise StopIteration
        line = self._lines[self._taken]
        self._taken += 1
        self.row += line
        return line

    def has_more(self) -> bool:
        return self._taken < len(self._lines)

    def begin(self) -> None:
        self.begun, self.row = self._taken + 1, ""

    @property
    def ending(self) -> str:
        """By what the row ends; '' at the end of the file."""
        return self.row[len(self.row.rstrip("\r\n")) :]


def _text_of(content: bytes) -> str:
    words = "this is not UTF-8; save the file as CSV in UTF-8"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content.removeprefix(codecs.BOM_UTF8)[: error.start]
        raise NoTableError(len((before + b"x").splitlines()), words) from None
    if "\0" in text:
        raise NoTableError(text.count("\n", 0, text.index("\0")) + 1, words)
    return text


def _check_separator(text: str) -> None:
    if text.lower().startswith("sep="):
        raise NoTableError(1, "remove this line: it is for spreadsheets alone")
    if found := _OTHER_SEPARATOR.match(text):
        sign = "tabs" if found[1] == "\t" else f"'{found[1]}'"
        raise NoTableError(1, f"columns are parted by {sign}; save the file with commas")


def _next_row(reader: Iterator[list[str]], lines: _Lines) -> list[str]:
    lines.begin()
    cells: list[str] = []
    words = "a double quote begins and ends a cell, and is written twice within"
    try:
        cells = next(reader, [])
        is_read = max(map(len, cells), default=0) <= _LONGEST_CELL
    except csv.Error:
        is_read = False
    if not is_read:
        if len(lines.row) > _LONGEST_CELL:
            words = f"a text is longer than {_LONGEST_CELL:,} characters"
        raise NoTableError(lines.begun, f"{words}, or a double quote is not closed")
    if _SPACE_BEFORE_QUOTE.search(lines.row) and any(map(_QUOTE_BEHIND_SPACE.match, cells)):
        raise NoTableError(lines.begun, "remove the space before the double quote")
    return cells


def _check_header(header: Sequence[str], text: str) -> None:
    if not header:
        words = "this line is blank; remove it" if text else "the file is empty"
        raise NoTableError(1, f"{words}: the first line names the columns")
    if not header[-1]:
        raise NoTableError(1, "this line ends in a comma; remove it, and those below")
    for name in header:
        if header.count(name) > 1:
            raise NoTableError(1, f"the column {name} stands here twice")


def _check_cells(cells: Sequence[str], header: Sequence[str], lines: _Lines) -> None:
    if len(cells) == len(header) and (any(map(str.strip, cells))):
        return
    if not any(map(str.strip, cells)):
        words = "there are only commas" if len(cells) > 1 else "this line is blank"
        raise NoTableError(lines.begun, f"{words}; remove it")
    if len(cells) == len(header) + 1 and not cells[-1]:
        words = "remove the comma at the end"
    elif len(cells) > len(header):
        words = "a text with a comma stands in double quotes"
    else:
        words = "commas part cells, also empty ones"
    some = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    raise NoTableError(lines.begun, f"{some}, where the first line has {len(header)}; {words}")
