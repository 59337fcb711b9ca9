"""Dagster's history in SQLite, without two waits for the disk and a new engine at every event.

Dagster opens a connection for each event it stores, and closes it. Each commit then waits for the
disk, and each close, being that of the last connection, for a checkpoint of the write-ahead log:
of a refresh with nothing new, 625 events took 22 of 55 seconds. With `synchronous = normal` a
commit does not wait (a crash of the machine may lose the last events of the history, and never
harms it), and with a second connection kept open the log is checkpointed once, at the end.

It also makes a new SQLAlchemy engine for each, which knows no statement yet: to make it, and to
compile the same few inserts again, was half the time of storing an event. One engine a database
remembers them.
"""

from __future__ import annotations

import sqlite3
from typing import Any

_kept: dict[str, sqlite3.Connection] = {}


def hasten() -> None:
    """From now on, and in this process, the history is written without these waits."""
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import Engine

    if event.contains(Engine, "connect", _on_connect):
        return
    event.listen(Engine, "connect", _on_connect)
    engines: dict[str, Engine] = {}

    def engine_of(address: str, **options: Any) -> Engine:
        if address not in engines:
            engines[address] = create_engine(address, **options)
        return engines[address]

    setattr(sqlite_event_log, "create_engine", engine_of)  # noqa: B010


def _on_connect(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("pragma synchronous = normal")
    _, _, path = connection.execute("pragma database_list").fetchone()
    if not path:
        return  # in memory
    if path not in _kept:
        _kept[path] = sqlite3.connect(path, timeout=60, check_same_thread=False)
    # a read, for a connection that has not read the log does not count as one that is open
    _kept[path].execute("select count(*) from sqlite_master").fetchone()
