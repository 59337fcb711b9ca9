"""The rows of the tables for sales, read from the published marts alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice

import duckdb

from ingestion.settings import Settings
from orchestration.exports import news
from orchestration.exports.cells import Value
from orchestration.exports.columns import SalesTable
from orchestration.exports.leads import PEOPLE_AND_LEADS

_BATCH = 10_000
_LAST = "select as_of_date, published_at from ops.refreshes order by published_at desc limit 1"


def as_of_date(connection: duckdb.DuckDBPyConnection) -> date:
    """The day that the published scores are of. Raises LookupError where no refresh is recorded."""
    return last_refresh(connection)[0]


def last_refresh(connection: duckdb.DuckDBPyConnection) -> tuple[date, datetime]:
    """That day, and when it was published, UTC. Raises LookupError as above."""
    row = connection.execute(_LAST).fetchone()
    if row is None:
        raise LookupError("the published file holds no refresh in ops.refreshes")
    found: tuple[date, datetime] = row
    return found


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: SalesTable,
    most: int | None = None,
) -> Iterator[Sequence[Value]]:
    """The rows of `table`, in the order and with the columns that sales see. Times are UTC.

    most: the first so many, or all.
    """
    if table.mart is None:
        yield from islice(news.changes(connection, settings, as_of_date(connection)), most)
        return
    columns = ", ".join(table.headings)
    query = f"select {columns} from {_relation(table)} order by {table.order_by}"
    yield from in_batches(connection, query if most is None else f"{query} limit {most}")


def count_of(connection: duckdb.DuckDBPyConnection, settings: Settings, table: SalesTable) -> int:
    """How many rows `table` has."""
    if table.mart is None:
        return sum(1 for _ in rows_of(connection, settings, table))
    [count] = connection.execute(f"select count(*) from {_relation(table)}").fetchall()[0]
    return int(count)


def _relation(table: SalesTable) -> str:
    return PEOPLE_AND_LEADS if table.has_leads else f"marts.{table.mart}"


def in_batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Sequence[Value]]:
    """The rows of a query, so many at a time that memory does not grow with them."""
    cursor = connection.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(_BATCH):
        yield from rows
