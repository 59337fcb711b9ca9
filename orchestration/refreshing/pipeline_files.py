"""The two files that the pipeline writes, as one connection sees them and as dbt names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion import warehouse
from ingestion.errors import UserError
from ingestion.settings import Settings

DATABASES = ("warehouse", "published")
"""warehouse.duckdb, and marts.duckdb attached beside it: the names of profiles.yml."""

MARTS_STORAGE = "v1.5.0"
"""The oldest DuckDB that is to read the published file; as in profiles.yml."""


@contextmanager
def both_files(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write both files, each made where it is not there yet.

    The caller holds the writer lock. A transaction may write one of them. Raises UserError where
    the marts file is damaged.
    """
    with warehouse.connect(settings) as connection:
        warehouse.make_file(settings.marts, MARTS_STORAGE)
        path = str(settings.marts).replace("'", "''")
        try:
            connection.execute(f"attach '{path}' as published (storage_version '{MARTS_STORAGE}')")
        except duckdb.Error as error:
            if warehouse.DAMAGED not in str(error).lower():
                raise
            raise UserError(
                f"{settings.marts} is damaged: put the last backup of the data directory in its"
                f" place, or remove {settings.marts.name}.wal, copy {settings.analytics.name} over"
                f" {settings.marts.name}, and run intent refresh --full-refresh"
            ) from None
        yield connection


def drop_relation(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str, name: str
) -> None:
    """Drops a table or a view, where there is one."""
    kinds = connection.execute(
        "select 'table' from duckdb_tables()"
        " where (database_name, schema_name, table_name) = ($1, $2, $3)"
        " union all select 'view' from duckdb_views()"
        " where (database_name, schema_name, view_name) = ($1, $2, $3)",
        [database, schema, name],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f'drop {kind} "{database}"."{schema}"."{name}"')
