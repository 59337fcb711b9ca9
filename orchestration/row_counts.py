"""How many rows each table of the two pipeline files holds."""

from __future__ import annotations

import duckdb

from ingestion.settings import Settings

Place = tuple[str, str, str]
"""Database (as dbt names it), schema, table."""


def row_counts(settings: Settings) -> dict[Place, int]:
    """Rows of every table (views are left out: counting them would run them).

    Opens both files, read-only and briefly: no one may have them open to write.
    """
    files = {"warehouse": settings.warehouse, "published": settings.marts}
    counts: dict[Place, int] = {}
    for database, path in files.items():
        if not path.exists():
            continue
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select database_name, schema_name, table_name from duckdb_tables()"
                " where not temporary"
            ).fetchall()
            for catalog, schema, table in tables:
                row = connection.execute(
                    f'select count(*) from "{catalog}"."{schema}"."{table}"'
                ).fetchone()
                counts[database, schema, table] = int(row[0]) if row else 0
    return counts
