"""Rows turned into lines of a CSV, a column at a time.

A column says the same again and again, and most hold nothing that needs quotes: so each of its
values is written once, and quotes are looked for in all of them together. What comes out of a query
stays in Arrow until it is a line: as Python's own, most of its values would only be looked at. For
the same reason a simple text (texts.SIMPLE), as most are, is not even handed to a writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.exports.cells import Value, utc_times
from orchestration.exports.texts import SIMPLE

LINE_END = "\r\n"
_BATCH = 10_000
_NEEDS_QUOTES = r'[",\r\n]'

Rows: TypeAlias = Iterable[Sequence[Value]] | pa.RecordBatchReader
"""As tuples, or as a query gives them (orchestration/exports/tables)."""
Texts: TypeAlias = Sequence[str] | pa.Array
"""A column as text; in Arrow each distinct text once, in a dictionary, or one a row."""


@dataclass(frozen=True)
class Writer:
    """How the values of a column are written: it must leave a simple text as it is.

    But for one of more than `longest` characters, where there is such a limit.
    """

    write: Callable[[Value], str]
    longest: int | None = None


def in_columns(
    rows: Rows, writers: Sequence[Writer], *, is_utc: bool = False
) -> Iterator[list[Texts]]:
    """The columns of the rows as text, so many rows at a time that memory does not grow with them.

    writers: one a column. is_utc: times of a query go by none, but are written as UTC.
    """
    if isinstance(rows, pa.RecordBatchReader):
        for batch in rows:
            pairs = zip(batch.columns, writers, strict=True)
            yield [_written(column, writer, is_utc=is_utc) for column, writer in pairs]
        return
    waiting = iter(rows)
    while part := list(islice(waiting, _BATCH)):
        columns = zip(zip(*part, strict=True), writers, strict=True)
        yield [list(map(writer.write, values)) for values, writer in columns]


def as_list(texts: Texts) -> list[str]:
    """A text for each row."""
    if isinstance(texts, pa.DictionaryArray):
        return as_list(texts.dictionary_decode())
    return texts.to_pylist() if isinstance(texts, pa.Array) else list(texts)


def lines(columns: Iterable[Texts]) -> pa.Array:
    """The rows of two columns or more as lines without their end, quoted where they need it."""
    quoted = [_quoted(as_array(texts)) for texts in columns]
    return pc.binary_join_element_wise(*quoted, ",") if quoted else as_array([])


def as_array(texts: Texts) -> pa.Array:
    """The same in Arrow."""
    return texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())


def encoded(rows: pa.Array) -> bytes:
    """Lines as a file holds them, each with its end."""
    [joined] = pc.binary_join(pa.ListArray.from_arrays([0, len(rows)], rows), LINE_END)
    return b"".join([joined.as_buffer(), LINE_END.encode()]) if len(rows) else b""


def _written(values: pa.Array, writer: Writer, *, is_utc: bool) -> pa.Array:
    if is_utc and pa.types.is_timestamp(values.type):
        return utc_times(values)
    encoded = values.dictionary_encode(null_encoding="encode")
    return pa.DictionaryArray.from_arrays(encoded.indices, _texts(encoded.dictionary, writer))


def _texts(values: pa.Array, writer: Writer) -> pa.Array:
    if not pa.types.is_string(values.type):
        return pa.array(map(writer.write, values.to_pylist()), pa.string())
    is_left = pc.match_substring_regex(values, SIMPLE)
    if writer.longest is not None:
        is_left = pc.and_(is_left, pc.less_equal(pc.binary_length(values), writer.longest))
    others = pc.invert(is_left.fill_null(False))
    written = map(writer.write, values.filter(others).to_pylist())
    return pc.replace_with_mask(values, others, pa.array(written, pa.string()))


def _quoted(texts: pa.Array) -> pa.Array:
    if isinstance(texts, pa.DictionaryArray):
        return _quoted(texts.dictionary).take(texts.indices)
    needs_quotes = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    if not pc.any(needs_quotes).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.if_else(needs_quotes, pc.binary_join_element_wise('"', doubled, '"', ""), texts)
