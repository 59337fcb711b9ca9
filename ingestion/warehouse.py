"""The pipeline's own database file, opened to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.lock import LockBusyError
from ingestion.settings import Settings

DAMAGED = "corrupt database file"
"""What DuckDB says, in small letters, of a file whose bytes are not what was written."""
SCHEMA_SQL = Path(__file__).with_name("raw_schema.sql")


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Opens `warehouse.duckdb`, made with schema raw where it is not there yet.

    The session's time zone is UTC. To be called under the writer lock: DuckDB lets one process
    write, and keeps all others out of the file meanwhile.

    Raises LockBusyError where another process has the file open all the same, and UserError where
    it cannot be opened at all.
    """
    settings.make_folder(settings.data_dir)
    try:
        make_file(settings.warehouse)
        connection = duckdb.connect(settings.warehouse)
    except duckdb.Error as error:
        words = str(error)
        if not isinstance(error, duckdb.IOException) and DAMAGED not in words.lower():
            raise
        raise _not_opened(settings.warehouse, words) from None
    try:
        tune(connection, settings)
        connection.execute("set timezone = 'UTC'")
        connection.execute(SCHEMA_SQL.read_text(encoding="utf-8"))
    except BaseException:
        connection.close()
        raise
    return connection


def tune(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Gives DuckDB as much of the machine as the settings allow."""
    if settings.threads is not None:
        connection.execute("set threads = ?", [settings.threads])
    if settings.memory_limit is not None:
        connection.execute("set memory_limit = ?", [settings.memory_limit])
    if settings.spill_dir is not None:
        connection.execute("set temp_directory = ?", [str(settings.spill_dir)])


def make_file(path: Path, storage_version: str | None = None) -> None:
    """Makes an empty database at `path`, whole, where there is no file.

    One that DuckDB has only begun, when the process is killed or the disk is full, could never be
    opened again. Called under the writer lock.
    """
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    name = str(draft).replace("'", "''")
    options = f" (storage_version '{storage_version}')" if storage_version else ""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{name}' as made{options}")
    draft.replace(path)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is done within happens at once, or, where it raises, not at all."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _not_opened(path: Path, words: str) -> UserError:
    if DAMAGED in words.lower():
        return UserError(
            f"{path} is damaged: put the last backup of the data directory in its place, or move"
            f" it and {path.name}.wal away, load the logs again with intent load, and run"
            " intent refresh"
        )
    if "could not set lock on file" not in words.lower():
        return UserError(f"{path} cannot be opened: {words.strip().splitlines()[0]}")
    holder = re.search(r"PID (\d+)", words)
    process = f"process {holder[1]}" if holder else "another process"
    return LockBusyError(f"{path} is open in {process}; close it there, then run this again")
