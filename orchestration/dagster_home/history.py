"""Dagster's history in SQLite, without a wait for the disk and a new connection at every event.

Dagster makes an engine and a connection for each event that it stores, and closes both. Each
commit then waits for the disk, each close, being that of the last connection, for a checkpoint of
the write-ahead log, and each engine compiles the same few inserts again: of a refresh with nothing
new, 625 events took 22 of 55 seconds. With `synchronous = normal` a commit does not wait (a crash
of the machine may lose the last events of the history, and never harms it), and with one engine a
database, whose connection stays open until the process ends, the log is checkpointed once and
every statement is compiled once.
"""

from __future__ import annotations

import atexit
import sqlite3
from typing import Any


def hasten() -> None:
    """From now on, and in this process, the history is written without these waits.

    For a process of one run: the connections to its databases are given back at its end.
    """
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from dagster._core.storage.schedules.sqlite import sqlite_schedule_storage
    from sqlalchemy import QueuePool, create_engine, event
    from sqlalchemy.engine import Engine

    if event.contains(Engine, "connect", _on_connect):
        return
    event.listen(Engine, "connect", _on_connect)
    engines: dict[str, Engine] = {}

    def engine_of(address: str, **options: Any) -> Engine:
        if address not in engines:
            engine = create_engine(address, **options | {"poolclass": QueuePool})
            atexit.register(engine.dispose)
            # Dagster disposes of its engine after each event
            setattr(engine, "dispose", lambda: None)  # noqa: B010
            engines[address] = engine
        return engines[address]

    for module in (sqlite_event_log, sqlite_run_storage, sqlite_schedule_storage):
        module.create_engine = engine_of  # type: ignore[attr-defined]


def _on_connect(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = normal")
