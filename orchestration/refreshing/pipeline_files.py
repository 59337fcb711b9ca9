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

_TABLES_OF_GROUPS = """
select format('"{}"."{}"."{}"', database_name, schema_name, table_name)
from duckdb_tables()
where
    list_contains(?, database_name)
    and estimated_size > 122880  -- the rows of a group
order by all
"""


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


def merge_row_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Brings together what rows the files' half-empty groups of rows have left.

    Each day takes rows away and adds others behind the rest. The caller holds the writer lock; the
    connection is to both files, and in no transaction.
    """
    connection.execute("reset max_vacuum_tasks")
    for (table,) in connection.execute(_TABLES_OF_GROUPS, [list(DATABASES)]).fetchall():
        # a checkpoint passes over a table from which no row has gone since the one before
        connection.execute(
            f"create or replace temp table last_row as"
            f" from {table} where rowid = (select max(rowid) from {table})"
        )
        with warehouse.transaction(connection):
            connection.execute(
                f"delete from {table} where rowid = (select max(rowid) from {table})"
            )
            connection.execute(f"insert into {table} from last_row")
    for database in DATABASES:
        connection.execute(f"checkpoint {database}")
    for name, value in warehouse.WRITES_WHAT_CHANGED.items():
        connection.execute(f"set {name} = {value}")


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
