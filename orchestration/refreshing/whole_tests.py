"""When the tests that read the whole history are due.

Most tests look at tables that are small, or at what a refresh has written. Some hold the history
against itself, and cost what it is long: they are tagged `whole_history`, and run where tables are
built anew, once a week, after a build that did not end well, and when asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

TAG = "whole_history"
"""Of dbt's tests, in their configuration."""

EVERY = timedelta(days=7)

_DDL = """
create table if not exists warehouse.ops.whole_tests (tested_at timestamp not null)
"""


def take_note(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When they passed last, UTC; None for never. The note is gone until a build ends well: after
    one that fails, or is killed, they are due, since others look only at what that one wrote.

    The connection is to both files.
    """
    connection.execute(_DDL)
    [(last,)] = connection.execute(
        "select max(tested_at) from warehouse.ops.whole_tests"
    ).fetchall()
    connection.execute("delete from warehouse.ops.whole_tests")
    return None if last is None else last.replace(tzinfo=UTC)


def are_due(passed_at: datetime | None, now: datetime) -> bool:
    """Whether they passed last a week ago or longer, or never."""
    return passed_at is None or now - passed_at >= EVERY


def note_passed(connection: duckdb.DuckDBPyConnection, at: datetime) -> None:
    """Keeps that they passed at `at`, UTC. The connection is to both files."""
    connection.execute(_DDL)
    connection.execute("delete from warehouse.ops.whole_tests")
    connection.execute(
        "insert into warehouse.ops.whole_tests values (?)", [at.replace(tzinfo=None)]
    )
