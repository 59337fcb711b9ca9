"""Named points of a process at which it can be killed: before and after whatever may last.

No hook in the product: what it calls of DuckDB and of the operating system is wrapped, in a process
that lives for one run.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from orchestration.refreshing import publish

_COMMENTS = re.compile(r"\s*--[^\n]*\n|\s+")
_HARMLESS = {
    "select",
    "from",
    "set",
    "with",
    "describe",
    "use",
    "attach",
    "detach",
    "pragma",
    "show",
}
_SYSTEM_CALLS = ("rename", "replace", "unlink", "rmdir", "link", "fsync", "mkdir")
_WORDS_OF_NAME = 6


class Faults:
    """Counts the points, and kills this process at one of them."""

    def __init__(self, kill_at: int | None = None) -> None:
        self.points: list[str] = []
        self._kill_at = kill_at
        self._in_transaction: set[int] = set()

    def point(self, name: str) -> None:
        """Passes a point, `<kind>: <what>`, or dies at it."""
        self.points.append(name)
        if len(self.points) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Calls with a point before and one after it."""
        self.point(f"before {name}")
        result = call(*given, **named)
        self.point(f"after {name}")
        return result

    def install(self) -> None:
        """Wraps DuckDB and the system, for the rest of this process's life."""
        self._wrap_connections()
        for name in _SYSTEM_CALLS:
            self.wrap(os, name)
        self.wrap(shutil, "copyfile")
        self.wrap(publish, "copy_file")
        self.wrap(publish, "sign")

    def wrap(self, module: Any, name: str) -> None:
        """Makes a point before and after each call of a function of a module or class."""
        call = getattr(module, name)

        def wrapped(*given: Any, **named: Any) -> Any:
            return self.around(f"{name} in {_caller()}: {_file_name(given)}", call, *given, **named)

        setattr(module, name, wrapped)

    def _wrap_connections(self) -> None:
        kind: Any = duckdb.DuckDBPyConnection
        begin, commit, rollback = kind.begin, kind.commit, kind.rollback
        execute, close, leave = kind.execute, kind.close, kind.__exit__

        def begin_(connection: Any) -> Any:
            self._in_transaction.add(id(connection))
            return begin(connection)

        def commit_(connection: Any) -> Any:
            self._in_transaction.discard(id(connection))
            return self.around(f"commit in {_caller()}: {_model()}", commit, connection)

        def rollback_(connection: Any) -> Any:
            self._in_transaction.discard(id(connection))
            return rollback(connection)

        def execute_(connection: Any, query: Any, *given: Any, **named: Any) -> Any:
            words = _words(query)
            if words == ["begin"]:
                self._in_transaction.add(id(connection))
            elif words == ["commit"]:
                self._in_transaction.discard(id(connection))
                return self.around(f"commit in {_caller()}: a row", execute, connection, query)
            elif words and words[0] not in _HARMLESS and id(connection) not in self._in_transaction:
                name = f"{words[0]} in {_caller()}: {' '.join(words)}"
                return self.around(name, execute, connection, query, *given, **named)
            return execute(connection, query, *given, **named)

        def close_(connection: Any) -> Any:
            return self.around(f"close in {_caller()}: a file", close, connection)

        def leave_(connection: Any, *error: Any) -> Any:
            return self.around(f"close in {_caller()}: a file", leave, connection, *error)

        kind.begin, kind.commit, kind.rollback = begin_, commit_, rollback_
        kind.execute, kind.close, kind.__exit__ = execute_, close_, leave_


def _words(query: Any) -> list[str]:
    """How a statement begins."""
    if not isinstance(query, str):
        return []
    return _COMMENTS.sub(" ", query[:1_000]).lower().split()[:_WORDS_OF_NAME]


def _file_name(given: tuple[Any, ...]) -> str:
    """The last of the files that a call is given, without the number of the process."""
    names = [Path(value).name for value in given if isinstance(value, str | os.PathLike)]
    return re.sub(r"\.\d+$", "", names[-1]) if names else "a file"


def _caller() -> str:
    """The function of the project from which the call came."""
    frame = sys._getframe(2)
    while frame.f_back and ("crash/faults" in frame.f_code.co_filename or not _is_ours(frame)):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"


def _model() -> str:
    """The model that the calling function is at work on."""
    frame = sys._getframe(2)
    node = frame.f_locals.get("node")
    return str(node.name) if node else "rows"


def _is_ours(frame: Any) -> bool:
    module = frame.f_globals.get("__name__", "")
    return str(module).startswith(("ingestion", "orchestration", "tests"))
