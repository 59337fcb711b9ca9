"""The two files that the pipeline writes, as one connection sees them and as dbt names them."""

from __future__ import annotations

import duckdb

from ingestion.settings import Settings

DATABASES = ("warehouse", "published")
"""warehouse.duckdb, and marts.duckdb attached beside it: the names of profiles.yml."""

MARTS_STORAGE = "v1.5.0"
"""The oldest DuckDB that is to read the published file; as in profiles.yml."""


def attach_marts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Attaches marts.duckdb as `published`, made where it is not there yet."""
    path = str(settings.marts).replace("'", "''")
    connection.execute(f"attach '{path}' as published (storage_version '{MARTS_STORAGE}')")
