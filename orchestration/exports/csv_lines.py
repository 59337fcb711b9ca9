"""Rows turned into lines of a CSV, a column at a time.

A column says the same again and again, and most hold nothing that needs quotes: so each of its
values is written once, and quotes are looked for in all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import NoneType

from orchestration.exports.cells import Value

LINE_END = "\r\n"
_BATCH = 10_000
_NEEDS_QUOTES = re.compile(r'[",\r\n]')

Writer = Callable[[Value], str]
"""How the values of a column are written."""


def in_columns(
    rows: Iterable[Sequence[Value]], writers: Sequence[Writer]
) -> Iterator[list[list[str]]]:
    """The columns of the rows as text, so many rows at a time that memory does not grow with them.

    writers: one a column.
    """
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        columns = zip(zip(*batch, strict=True), writers, strict=True)
        yield [_written(values, write) for values, write in columns]


def lines(columns: Iterable[Sequence[str]]) -> list[str]:
    """The rows of two columns or more as lines without their end, quoted where they need it."""
    return [",".join(cells) for cells in zip(*map(_quoted, columns), strict=True)]


def _written(values: Sequence[Value], write: Writer) -> list[str]:
    # 1, 1.0 and True are one key of a dictionary, and three texts
    if len(set(map(type, values)) - {NoneType}) > 1:
        return list(map(write, values))
    distinct = set(values)
    texts = dict(zip(distinct, map(write, distinct), strict=True))
    return [texts[value] for value in values]


def _quoted(texts: Sequence[str]) -> Sequence[str]:
    if not _NEEDS_QUOTES.search("".join(texts)):
        return texts
    return [
        '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
        for text in texts
    ]
