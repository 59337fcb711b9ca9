"""The published file, opened as every reader opens it: read-only, and shut off from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings


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
        connection = duckdb.connect(str(path), read_only=True, config=_config(settings))
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


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    spill = {} if settings.spill_dir is None else {"temp_directory": str(settings.spill_dir)}
    return {"enable_external_access": "false", **spill}


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return str(error).strip().split("\n", 1)[0]
