"""The published file, opened as every reader opens it: read-only, and shut off from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings

Config = dict[str, str | bool | int | float | list[str]]
"""Settings of a DuckDB connection."""


@contextmanager
def published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the version of analytics.duckdb that is in place now.

    SQL on it finds the tables of schemas marts and ops without naming the schema, can reach no
    other file and no network, and can change no setting. Raises UserError where nothing has been
    published yet, the file cannot be opened, or what is asked of the connection is a table or a
    column that it lacks: another version of the product has published it then.
    """
    path = settings.analytics
    if not path.exists():
        raise UserError(f"Nothing is published yet ({path} is missing); run: intent refresh")
    try:
        connection = opened(path, _config(settings))
    except duckdb.Error as error:
        raise UserError(f"{path} cannot be opened: {first_line(error)}") from error
    with connection:
        connection.execute("set search_path = 'marts,ops'")
        # as the times of the tables are: now() and current_date can be compared with them
        connection.execute("set timezone = 'UTC'")
        connection.execute("set lock_configuration = true")
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            words = f"{path} was published by another version ({first_line(error)})"
            raise UserError(f"{words}; run: intent refresh") from error


def opened(path: Path, config: Config | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to one version of a file that others are renamed over.

    DuckDB opens a file by its name three times, for its type, its header and its blocks: a version
    that is put in place between two of them would be read by the header of the one before. So what
    was opened in such a moment is opened again. Raises duckdb.Error as `duckdb.connect` does.
    """
    while True:
        before = _identity(path)
        try:
            connection = duckdb.connect(str(path), read_only=True, config=config or {})
        except duckdb.Error:
            if _identity(path) == before:
                raise
            continue
        if _identity(path) == before:
            return connection
        connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file has the name now; None for none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _config(settings: Settings) -> Config:
    spill = {} if settings.spill_dir is None else {"temp_directory": str(settings.spill_dir)}
    return {"enable_external_access": "false", **spill}


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return str(error).strip().split("\n", 1)[0]
