"""DuckDB's own readers: what loading a format is measured against.

Each reads the columns that the loader reads into a table: no check, no dedupe, no ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from tests.benchmarks.rounds import timed

MESSAGE_COLUMNS = """{
    messageId: 'varchar', type: 'varchar', event: 'varchar', name: 'varchar',
    anonymousId: 'varchar', userId: 'varchar', previousId: 'varchar', groupId: 'varchar',
    timestamp: 'varchar', originalTimestamp: 'varchar', sentAt: 'varchar', receivedAt: 'varchar',
    properties: 'json', traits: 'json', context: 'json'
}"""

READERS = {
    "NDJSON": (
        "read_json",
        f"read_json(?, columns = {MESSAGE_COLUMNS}, format = 'newline_delimited',"
        " ignore_errors = true, maximum_object_size = 33554432)",
    ),
    "CSV": ("read_csv", "read_csv(?, all_varchar = true, header = true)"),
    "Parquet": ("read_parquet", "read_parquet(?)"),
}
"""The reader's name, and its call; the files are the parameter."""

FLAT_COLUMNS = """
    event_id,
    event_type as "type",
    event_name as event,
    anonymous_id,
    user_id,
    email,
    previous_id,
    group_id,
    original_timestamp as "timestamp",
    sent_at,
    received_at,
    page_url as url,
    page_referrer as referrer,
    page_title as title,
    user_agent,
    properties,
    traits
"""
"""The events of raw.events as rows of a flat file."""


def read_alone(format_name: str, files: Sequence[Path], folder: Path) -> float:
    """Seconds that DuckDB's own reader of a format takes to fill a table in a new file."""
    _, call = READERS[format_name]
    with duckdb.connect(folder / "alone.duckdb") as connection:
        connection.execute("set preserve_insertion_order = false")
        return timed(
            lambda: connection.execute(
                f"create table messages as from {call}", [[str(path) for path in files]]
            )
        )


def write_flat(warehouse: Path, target: Path) -> Path:
    """Writes the events of a warehouse as one flat file, CSV or Parquet by its name."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute(f"copy (select {FLAT_COLUMNS} from raw.events) to '{target}'")
    return target
