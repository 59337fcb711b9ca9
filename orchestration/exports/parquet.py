"""Every table of the published file as Parquet, for those who work in other tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import first_line, opened
from orchestration.exports.files import drafted_folder
from orchestration.exports.tables import as_of_date

MANIFEST = "manifest.json"
"""By this file an earlier export is known, which the next may replace."""

_OF_MANIFEST = {"as_of_date", "rows"}

_TABLES = """
select table_schema, table_name
from information_schema.tables -- views as well
where table_catalog = current_database() and table_schema in ('marts', 'ops')
order by table_schema, table_name
"""
_IDS = """
select column_name
from duckdb_columns()
where database_name = current_database() and schema_name = ? and table_name = ?
    and data_type = 'UUID'
"""
"""Columns that are written as text: Spark reads no file with a UUID in it."""


@dataclass(frozen=True)
class ParquetFile:
    """One table, as a file `<schema>/<table>.parquet` below the folder."""

    schema: str
    table: str
    row_count: int


def export_parquet(settings: Settings, folder: Path) -> list[ParquetFile]:
    """Writes each table of schemas marts and ops to `folder`, which appears whole or not at all.

    The folder may be absent, empty, or an earlier export of this kind, which is replaced. Raises
    UserError for any other, where nothing is published, and where it cannot be written.
    """
    folder = folder.absolute()
    _check(settings, folder)
    try:
        with drafted_folder(folder) as draft, _writing(settings, draft) as connection:
            files = [
                _write(connection, draft, schema, table)
                for schema, table in connection.execute(_TABLES).fetchall()
            ]
            (draft / MANIFEST).write_text(_manifest(connection, files), encoding="utf-8")
    except (OSError, duckdb.IOException) as error:
        raise UserError(f"{folder} cannot be written: {first_line(error)}") from error
    return files


def _check(settings: Settings, folder: Path) -> None:
    if not settings.analytics.exists():
        raise UserError(
            f"Nothing is published yet ({settings.analytics} is missing); run: intent refresh"
        )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UserError(f"{folder} is no folder; give one that is empty or not there yet")
    if Path.cwd().is_relative_to(folder.resolve()):
        raise UserError(f"{folder} is where you are; give a folder that can be put in place whole")
    if folder.is_dir() and any(folder.iterdir()) and not _is_earlier_export(folder):
        raise UserError(f"{folder} holds other files; give a folder that is empty or not there yet")


def _is_earlier_export(folder: Path) -> bool:
    """Whether a folder holds an export and nothing else: others have a file of that name, too."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        written = {MANIFEST, *content["rows"]} if set(content) == _OF_MANIFEST else set()
    except (OSError, ValueError, TypeError):
        return False
    there = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return all(path.relative_to(folder).as_posix() in written for path in there)


@contextmanager
def _writing(settings: Settings, draft: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read-only, with `draft` as the only place where files may be written."""
    with opened(settings.analytics) as connection:
        if settings.memory_limit is not None:
            connection.execute("set memory_limit = ?", [settings.memory_limit])
        connection.execute("set allowed_directories = ?", [[str(draft)]])
        connection.execute("set enable_external_access = false")
        yield connection


def _write(
    connection: duckdb.DuckDBPyConnection, draft: Path, schema: str, table: str
) -> ParquetFile:
    path = draft / schema / f"{table}.parquet"
    path.parent.mkdir(exist_ok=True)
    place = str(path).replace("'", "''")
    ids = connection.execute(_IDS, [schema, table]).fetchall()
    as_text = ", ".join(f'cast("{name}" as varchar) as "{name}"' for (name,) in ids)
    columns = f"* replace ({as_text})" if ids else "*"
    copied = connection.execute(
        f"copy (select {columns} from {schema}.\"{table}\") to '{place}'"
        " (format parquet, compression zstd)"
    ).fetchall()
    return ParquetFile(schema, table, int(copied[0][0]))


def _manifest(connection: duckdb.DuckDBPyConnection, files: list[ParquetFile]) -> str:
    content = {
        "as_of_date": as_of_date(connection).isoformat(),
        "rows": {f"{file.schema}/{file.table}.parquet": file.row_count for file in files},
    }
    return json.dumps(content, indent=2) + "\n"
