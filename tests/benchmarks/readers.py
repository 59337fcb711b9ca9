"""DuckDB's own readers, and the loader's, alone: the columns of a log into a table, unchecked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingestion import blocks, rules
from ingestion.consent import consent_category
from ingestion.formats import segment
from ingestion.opening import OpenedFile
from ingestion.settings import PROJECT_ROOT
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


def parse_alone(files: Sequence[Path], folder: Path) -> float:
    """Seconds that the loader's own reader of NDJSON takes to do the same.

    It opens and hashes the files and finds every part of a message, but judges none: no cleaning,
    no times read, no addresses cut, no masks, no hash of the content.
    """
    with duckdb.connect(folder / "parsed.duckdb") as connection:
        rules.define(connection)
        connection.execute("set preserve_insertion_order = false")
        return timed(lambda: [_parse(connection, path) for path in files])


def _parse(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    fields = segment.fields_query(consent_category(PROJECT_ROOT), "block")
    with OpenedFile(path) as file:
        assert file.records is not None
        connection.register("block", blocks.reader(file.records.batches()))
        # the loader drops the text of every record that is not refused
        query = f"select * exclude (raw_text) from ({fields})"
        connection.execute(f"create table if not exists messages as {query} limit 0")
        [(count,)] = connection.execute(f"insert into messages {query}").fetchall()
        assert count == file.records.record_count


def write_flat(warehouse: Path, target: Path) -> Path:
    """Writes the events of a warehouse as one flat file, CSV or Parquet by its name."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute(f"copy (select {FLAT_COLUMNS} from raw.events) to '{target}'")
    return target
