"""When the tests that read the whole history are due.

Most tests look at tables that are small, or at what a refresh has written. Some hold the history
against itself, and cost what it is long: they are tagged `whole_history`, and run where tables are
built anew, once a week, and when asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

TAG = "whole_history"
"""Of dbt's tests, in their configuration."""

EVERY = timedelta(days=7)

_DDL = """
create table if not exists warehouse.ops.whole_tests (tested_at timestamp not null)
"""


def are_due(connection: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    """Whether they passed last a week ago or longer, or never. `now` is UTC.

    The connection is to both files.
    """
    connection.execute(_DDL)
    [(last,)] = connection.execute(
        "select max(tested_at) from warehouse.ops.whole_tests"
    ).fetchall()
    return last is None or now.replace(tzinfo=None) - last >= EVERY


def note_passed(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Keeps that they passed at `now`, UTC."""
    connection.execute(_DDL)
    connection.execute("delete from warehouse.ops.whole_tests")
    connection.execute(
        "insert into warehouse.ops.whole_tests values (?)", [now.replace(tzinfo=None)]
    )
