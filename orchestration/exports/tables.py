"""The rows of the tables for sales, read from the published marts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import duckdb
import pyarrow as pa

from ingestion.settings import Settings
from orchestration.exports import news
from orchestration.exports.cells import Value
from orchestration.exports.columns import SalesTable
from orchestration.exports.csv_lines import Rows
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


def rows_of(connection: duckdb.DuckDBPyConnection, settings: Settings, table: SalesTable) -> Rows:
    """The rows of `table`, in the order and with the columns that sales see. Times are UTC."""
    if table.mart is None:
        return news.changes(connection, settings, as_of_date(connection))
    return read(connection, _query(table))


def first_rows(
    connection: duckdb.DuckDBPyConnection, settings: Settings, table: SalesTable, most: int
) -> tuple[Iterable[Sequence[Value]], int]:
    """The first so many of these rows, and how many there are in all."""
    if table.mart is None:
        rows = list(news.changes(connection, settings, as_of_date(connection)))
        return rows[:most], len(rows)
    [(count,)] = connection.execute(f"select count(*) from {_relation(table)}").fetchall()
    return in_batches(connection, f"{_query(table)} limit {most}"), int(count)


def _query(table: SalesTable) -> str:
    columns = ", ".join(table.headings)
    return f"select {columns} from {_relation(table)} order by {table.order_by}"


def _relation(table: SalesTable) -> str:
    return PEOPLE_AND_LEADS if table.has_leads else f"marts.{table.mart}"


def read(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    """The rows of a query for a CSV, as many at a time."""
    return connection.cursor().sql(query).to_arrow_reader(_BATCH)


def in_batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Sequence[Value]]:
    """The rows of a query, so many at a time that memory does not grow with them."""
    cursor = connection.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(_BATCH):
        yield from rows
