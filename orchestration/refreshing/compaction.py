"""Making the pipeline's two files as small as what they hold.

DuckDB takes up again the blocks of rows that are gone, and never gives them back: a file stays as
large as it ever was. A copy into a new file holds what there is and no more; it is put in place by
a rename, so whoever is killed meanwhile leaves the file as it was, and a draft that the next one
removes. Nobody else may have the file open: the caller holds the writer lock.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import warehouse
from ingestion.folders import sync_folder
from ingestion.settings import Settings
from orchestration.refreshing.outcomes import Compacted
from orchestration.refreshing.pipeline_files import DATABASES

LEAST_BYTES = 32 << 20
"""A file smaller than this is not worth the while."""

_TABLES = """
select schema_name, table_name
from duckdb_tables()
where database_name = ? and not temporary
order by all
"""
_OTHERS = """
select 'sequence', schema_name, sequence_name, last_value::varchar
from duckdb_sequences() where database_name = $1
union all
select 'view', schema_name, view_name, null
from duckdb_views() where database_name = $1 and not internal
union all
select 'macro', schema_name, function_name, null
from duckdb_functions() where database_name = $1 and not internal
order by all
"""


class NotCompactedError(Exception):
    """The copy does not hold what the file does; the file stays as it was."""


@dataclass(frozen=True)
class Room:
    """How large a database file is, and how much of it holds nothing."""

    byte_count: int
    free_share: float

    def is_worth_it(self, settings: Settings, least_bytes: int = LEAST_BYTES) -> bool:
        """Whether more of the file is empty than the settings allow."""
        return (
            self.byte_count >= least_bytes
            and self.free_share * 100 > settings.compact_above_percent
        )


def room_of(path: Path) -> Room:
    """The room in the file at `path`; none in one that is not there."""
    if not path.exists():
        return Room(0, 0.0)
    with duckdb.connect(str(path), read_only=True) as connection:
        [(total, free)] = connection.execute(
            "select total_blocks, free_blocks from pragma_database_size()"
        ).fetchall()
    return Room(path.stat().st_size, free / total if total else 0.0)


def files_worth_it(settings: Settings, least_bytes: int = LEAST_BYTES) -> list[Path]:
    """Which of the two files to compact."""
    return [
        path
        for path in (settings.warehouse, settings.marts)
        if path.exists()
        and path.stat().st_size >= least_bytes
        and room_of(path).is_worth_it(settings, least_bytes)
    ]


def compact(settings: Settings, path: Path) -> Compacted:
    """Puts a copy of the warehouse or of the marts in its place, without what holds nothing.

    Raises NotCompactedError where the copy is not complete, duckdb.Error or OSError where it
    cannot be made; the file is then as it was.
    """
    remove_drafts(settings)
    before = path.stat().st_size
    draft = _draft(path)
    try:
        _copy(settings, path, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return Compacted(path, before, path.stat().st_size)


def remove_drafts(settings: Settings) -> None:
    """Removes what a compaction that was killed has left. The caller holds the writer lock."""
    for path in (settings.warehouse, settings.marts):
        draft = _draft(path)
        for leftover in (draft, draft.with_name(f"{draft.name}.wal")):
            leftover.unlink(missing_ok=True)


def _copy(settings: Settings, path: Path, draft: Path) -> None:
    """Copies all of `path`. Views of an earlier version name the files as dbt does, so both are
    there by these names."""
    with duckdb.connect() as connection:
        warehouse.tune(connection, settings)
        for database, file in zip(DATABASES, (settings.warehouse, settings.marts), strict=True):
            if file == path:
                source = database
                connection.execute(f"attach {_text(file)} as {database}")
            elif file.exists():
                connection.execute(f"attach {_text(file)} as {database} (read_only)")
        # what its log holds belongs to the old file, and must not be met by the new one
        connection.execute(f"force checkpoint {source}")
        [(tags,)] = connection.execute(
            "select tags from duckdb_databases() where database_name = ?", [source]
        ).fetchall()
        version = tags["storage_version"].rstrip("+")
        connection.execute(f"attach {_text(draft)} as compacted (storage_version '{version}')")
        connection.execute(f"copy from database {source} to compacted")
        if _contents(connection, source) != _contents(connection, "compacted"):
            raise NotCompactedError(f"the copy of {path.name} is not what the file holds")
        connection.execute("force checkpoint compacted")
        connection.execute("detach compacted")
    if path.with_name(f"{path.name}.wal").exists():
        raise NotCompactedError(f"{path.name} still has a write-ahead log after its checkpoint")


def _contents(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[object, ...]]:
    """What there is in a database, each table with its number of rows, each sequence with its
    last value."""
    found: list[tuple[object, ...]] = []
    for schema, table in connection.execute(_TABLES, [database]).fetchall():
        [(count,)] = connection.execute(
            f'select count(*) from "{database}"."{schema}"."{table}"'
        ).fetchall()
        found.append((schema, table, count))
    return found + connection.execute(_OTHERS, [database]).fetchall()


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.compacted")


def _text(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"
