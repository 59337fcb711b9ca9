"""Parquet: flat rows with types. A row group that cannot be read costs what is left of it.

Only text, numbers and booleans go into DuckDB; times, decimals and bytes go as text, nested values
as JSON, so that no odd value of a column stops the load of the others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import blocks
from ingestion.formats.flat import CellKind, Column, message_keys

MAGIC = b"PAR1"

BROKEN_FILE = "broken_file"
INVALID_UTF8 = "invalid_utf8"

_FAULTS = (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, MemoryError)
"""What pyarrow raises on damaged bytes."""

_CELLS_OF_BATCH = 500_000


class UnreadableParquet(Exception):
    """A file whose description of itself cannot be read: nothing of it can."""


class ParquetRows:
    """The rows of a file: batches of `ingestion.blocks` without `line`, with a cell each column.

    Raises UnreadableParquet where the file does not open. `record_count` counts rows, and one for
    each stretch that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.record_count = 0
        self._file = path.open("rb")
        try:
            self._parquet = pq.ParquetFile(self._file, page_checksum_verification=True)
            self._schema = self._parquet.schema_arrow
            self._group_rows = [
                self._parquet.metadata.row_group(group).num_rows
                for group in range(self._parquet.num_row_groups)
            ]
        except _FAULTS as error:
            self._file.close()
            raise UnreadableParquet(str(error).splitlines()[0] if str(error) else "") from None
        self._kinds = [_kind(field.type) for field in self._schema]
        self.columns = [
            Column(key, kind)
            for key, kind in zip(message_keys(self._schema.names), self._kinds, strict=True)
        ]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, in the file's order."""
        with self._file:
            first_row = 1
            for group, row_count in enumerate(self._group_rows):
                yield from self._batches_of_group(group, first_row)
                first_row += row_count

    def _batches_of_group(self, group: int, first_row: int) -> Iterator[pa.RecordBatch]:
        row = first_row
        end = first_row + self._group_rows[group]
        size = max(1, min(blocks.BATCH_RECORDS, _CELLS_OF_BATCH // max(1, len(self._kinds))))
        try:
            for batch in self._parquet.iter_batches(batch_size=size, row_groups=[group]):
                for records in self._records(batch, row):
                    self.record_count += records.num_rows
                    yield records
                row += batch.num_rows
        except _FAULTS:
            if row < end:
                self.record_count += 1
                yield self._refused(row, BROKEN_FILE, f"rows {row} to {end - 1}")

    def _records(self, batch: pa.RecordBatch, first_row: int) -> Iterator[pa.RecordBatch]:
        """A batch in the types that DuckDB is given; rows that have no such value one by one."""
        try:
            batch.validate(full=True)
            cells = [
                _cell(column, kind) for column, kind in zip(batch.columns, self._kinds, strict=True)
            ]
        except _FAULTS:
            if batch.num_rows == 1:
                yield self._refused(first_row, INVALID_UTF8, f"row {first_row}")
                return
            half = batch.num_rows // 2
            yield from self._records(batch.slice(0, half), first_row)
            yield from self._records(batch.slice(half), first_row + half)
            return
        numbers = pa.array(range(first_row, first_row + batch.num_rows), pa.int64())
        nothing = [pa.nulls(batch.num_rows, field.type) for field in list(blocks.SCHEMA)[1:]]
        records = pa.RecordBatch.from_arrays([numbers, *nothing], schema=blocks.SCHEMA)
        yield blocks.with_cells(records, cells)

    def _refused(self, row: int, problem: str, what: str) -> pa.RecordBatch:
        cells = [
            pa.nulls(1, _cell(pa.nulls(0, field.type), kind).type)
            for field, kind in zip(self._schema, self._kinds, strict=True)
        ]
        return blocks.with_cells(blocks.batch([row], [what + "\n"], [problem]), cells)


def _kind(given: pa.DataType) -> CellKind:
    if isinstance(given, pa.BaseExtensionType) and not isinstance(given, pa.UuidType):
        given = given.storage_type
    if pa.types.is_boolean(given) or pa.types.is_integer(given):
        return CellKind.VALUE
    if pa.types.is_float32(given) or pa.types.is_float64(given):
        return CellKind.FLOAT
    if pa.types.is_nested(given):
        return CellKind.JSON
    return CellKind.TEXT


def _cell(column: pa.Array, kind: CellKind) -> pa.Array:
    if isinstance(column.type, pa.UuidType):
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if kind is CellKind.VALUE:
        return column
    if kind is CellKind.FLOAT:
        return column.cast(pa.float64())
    if kind is CellKind.JSON:
        values = column.to_pylist(maps_as_pydicts="lossy")
        return pa.array([_json(value) for value in values], pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_bytes(column.type):
        return pa.array([_text(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        # as text in UTC, whatever the zone that the file names
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    return blocks.blank_is_null(column.cast(pa.string()))


def _is_bytes(given: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(given)
        or pa.types.is_large_binary(given)
        or pa.types.is_fixed_size_binary(given)
    )


def _text(value: bytes | None) -> str | None:
    """Bytes as the text that they are, or else in hexadecimal."""
    if not value:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def _name(key: object) -> str:
    """The key of a map as JSON has one."""
    return (_text(key) or "") if isinstance(key, bytes) else str(key)


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(_plain(value), ensure_ascii=False, default=str)


def _plain(value: object) -> object:
    """A nested value with what JSON has no word for said as in a column of its own."""
    if isinstance(value, dict):
        return {_name(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
