"""The rules of canonical columns, as temporary macros of a session."""

from __future__ import annotations

from pathlib import Path

import duckdb

_MACROS = Path(__file__).with_name("canonical_macros.sql")


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros of `canonical_macros.sql` known; sets the session's time zone to UTC."""
    connection.execute("set timezone = 'UTC'")
    connection.execute(_MACROS.read_text(encoding="utf-8"))
