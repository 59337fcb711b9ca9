"""The statement that reads files of one layout, prepared once for all of them.

DuckDB parses and binds it once. 2.0.0 planned it once as well; 2.0.1 plans anew at each run what
scans a stream, which takes 34 of the 49 ms of a file with one event. What would have it planned
anew whatever it scans is left out: it writes to a database of its own, in memory, beside the
temporary tables that come and go, since a catalog that it writes to and that has changed does; and
it asks for no variable: the macros of `ingestion.rules` hold their constants themselves. That of
access logs asks for the key of the visitors' hash: the key must not stand in a statement, and
`execute` takes no parameters from outside.
"""

from __future__ import annotations

import itertools
from typing import Any

import duckdb
import pyarrow as pa

_NUMBERS = itertools.count(1)


class PreparedInsert:
    """`insert into <table> by name <query>`, where the query reads from `block_name`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> None:
        number = next(_NUMBERS)
        self.block_name = f"block_{number}"
        """What the query calls the batches that `run` is given, all of this schema."""
        self._name = f"insert_{number}"
        self._connection = connection
        self._block = _Block(schema)
        connection.register(self.block_name, self._block)

    def prepare(self, table: str, query: str) -> None:
        """Plans the statement; `query` is SQL that has the columns of `table` or some of them."""
        self._connection.execute(f"prepare {self._name} as insert into {table} by name {query}")

    def run(self, batches: pa.RecordBatchReader) -> None:
        """Puts into the table what the query makes of the batches."""
        self._block.batches = batches
        try:
            self._connection.execute(f"execute {self._name}")
        finally:
            self._block.batches = None

    def close(self) -> None:
        """Forgets the plan."""
        self._connection.execute(f"deallocate {self._name}")
        self._connection.unregister(self.block_name)


class _Block:
    """A stream whose batches are other ones each time that DuckDB scans it."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self.batches: pa.RecordBatchReader | None = None

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        # where the statement is planned, nobody asks for more than the schema
        batches = self.batches
        if batches is None:
            batches = pa.RecordBatchReader.from_batches(self._schema, [])
        return batches.__arrow_c_stream__(requested_schema)
