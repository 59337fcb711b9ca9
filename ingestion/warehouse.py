"""The pipeline's own database file, opened to write."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.settings import Settings

SCHEMA_SQL = Path(__file__).with_name("raw_schema.sql")


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Opens `warehouse.duckdb`, made with schema raw where it is not there yet.

    The session's time zone is UTC. To be called under the writer lock: DuckDB lets one process
    write, and keeps all others out of the file meanwhile.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(settings.warehouse)
    try:
        if settings.threads is not None:
            connection.execute("set threads = ?", [settings.threads])
        if settings.memory_limit is not None:
            connection.execute("set memory_limit = ?", [settings.memory_limit])
        connection.execute("set timezone = 'UTC'")
        connection.execute(SCHEMA_SQL.read_text(encoding="utf-8"))
    except BaseException:
        connection.close()
        raise
    return connection
