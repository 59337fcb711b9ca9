"""Text for people: tables, and what is safe to send to a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

# Control characters, and the marks that turn the direction of writing: a page title out of a log
# must not move the cursor, colour the screen or hide its own letters.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(value: object) -> str:
    """A value in one line of text, its control characters spelled out (`\\x1b`)."""
    text = "" if value is None else str(value)
    return _UNSAFE.sub(lambda found: _spelled(found[0]), text)


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cut(value: object, width: int) -> str:
    """A value in one line of text, at most `width` cells of a terminal wide."""
    from rich.cells import cell_len, set_cell_size

    # what takes more letters than cells is marks that stand on others, and none needs many
    text = safe(str(value)[: 4 * width])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody may be looking."""
    return hasattr(stream, "isatty") and stream.isatty()


def shown_time(value: datetime | None, zone: ZoneInfo) -> str:
    """A time of the marts (UTC) as local time of `zone`, to the minute."""
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return f"{aware.astimezone(zone):%Y-%m-%d %H:%M}"


def score(value: float | None) -> str:
    """A score or points with one decimal."""
    return "" if value is None else f"{value:.1f}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 file`, `1,200 files`; the plural of a noun that takes no s, too."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str], at_most: int = 5) -> str:
    """`a, b and 3 more`, safe for a terminal."""
    shown = ", ".join(safe(name) for name in names[:at_most])
    more = len(names) - at_most
    return f"{shown} and {more:,} more" if more > 0 else shown


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[str] = (),
    indent: int = 0,
    out: TextIO,
) -> None:
    """Prints rows to `out` under their column names: ruled on a terminal, else aligned text.

    `right` names the columns that are set flush right.
    """
    cells = [[safe(value) for value in row] for row in rows]
    if is_terminal(out):
        _ruled(columns, cells, frozenset(right), indent, out)
    else:
        _aligned(columns, cells, frozenset(right), indent, out)


def _ruled(
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: frozenset[str],
    indent: int,
    out: TextIO,
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    ruled = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        ruled.add_column(Text(column), justify="right" if column in right else "left")
    for row in cells:
        ruled.add_row(*(Text(text) for text in row))
    Console(file=out).print(Padding(ruled, (0, 0, 0, indent)))


def _aligned(
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: frozenset[str],
    indent: int,
    out: TextIO,
) -> None:
    from rich.cells import cell_len

    widths = [
        max([cell_len(column), *(cell_len(row[place]) for row in cells)])
        for place, column in enumerate(columns)
    ]
    for row in [columns, *cells]:
        padded = []
        for text, column, width in zip(row, columns, widths, strict=True):
            space = " " * (width - cell_len(text))
            padded.append(space + text if column in right else text + space)
        print(" " * indent + "  ".join(padded).rstrip(), file=out)


def utc_value(value: object) -> str:
    """For JSON: a time of the marts as ISO 8601 in UTC, with its Z; a date; the rest as text."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
