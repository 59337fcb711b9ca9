"""Records on their way into DuckDB: Arrow batches of one shape, whatever file they come from.

A batch has the columns

- `line_number` (int64): where the record begins in the file, from 1; the row of a Parquet file;
- `line` (string): the record's text with its line end, which only a last, unfinished one lacks;
- `problem` (string): null, or the reason code of why the record cannot be read;
- `position`, `envelope_sent_at`, `envelope_received_at`: null; messages of envelopes have them.

Batches of CSV and Parquet have, beside these, a column `cell_<n>` for each column of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

BATCH_RECORDS = 10_000
"""DuckDB shares the batches of a stream among its threads."""

MAX_RECORD_BYTES = 64 << 20
"""A longer record is rejected, with its first kilobytes: it is a file without line ends."""

KEPT_OF_LONG_RECORD = 64 << 10

SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()),
        ("line", pa.string()),
        ("problem", pa.string()),
        ("position", pa.int32()),
        ("envelope_sent_at", pa.string()),
        ("envelope_received_at", pa.string()),
    ]
)

_OF_MESSAGES = list(SCHEMA)[3:]


class Records(Protocol):
    """The records of one file, read once."""

    record_count: int
    """How many there are; final when the batches are used up."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All records, in the file's order."""


def table(line_numbers: pa.Array, lines: pa.Array, problems: pa.Array) -> pa.Table:
    """Records of SCHEMA that are no messages of an envelope."""
    nothing = [pa.nulls(len(lines), field.type) for field in _OF_MESSAGES]
    return pa.Table.from_arrays([line_numbers, lines, problems, *nothing], schema=SCHEMA)


def batch(
    line_numbers: Sequence[int], lines: Sequence[str], problems: Sequence[str | None]
) -> pa.RecordBatch:
    """The same, from lists, as one batch."""
    numbers = pa.array(line_numbers, pa.int64())
    nothing = [pa.nulls(len(lines), field.type) for field in _OF_MESSAGES]
    columns = [numbers, pa.array(lines, pa.string()), pa.array(problems, pa.string()), *nothing]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def reader(batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader | None:
    """What DuckDB scans, once; None where there are no records."""
    remaining = iter(batches)
    first = next(remaining, None)
    if first is None:
        return None
    return pa.RecordBatchReader.from_batches(first.schema, _of_one_schema(first, remaining))


def _of_one_schema(
    first: pa.RecordBatch, others: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    yield first
    for other in others:
        if other.schema != first.schema:
            # DuckDB would read memory as what it is not
            raise ValueError(f"a batch of {other.schema} among those of {first.schema}")
        yield other


def with_cells(records: pa.RecordBatch, cells: Sequence[pa.Array]) -> pa.RecordBatch:
    """`records` with the columns cell_0, cell_1 …"""
    names = [*records.schema.names, *(f"cell_{number}" for number in range(len(cells)))]
    return pa.RecordBatch.from_arrays([*records.columns, *cells], names=names)


def blank_is_null(texts: pa.Array) -> pa.Array:
    """Texts of cells, in which an empty one is no value."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
