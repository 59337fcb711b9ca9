"""An interactive, read-only SQL prompt on the published file."""

from __future__ import annotations

import atexit
import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.commands.query import print_result
from orchestration.formats import Format

PROMPT = "intent> "
CONTINUED = "   ...> "
HELP = "End a statement with a semicolon; .tables lists the tables; .quit leaves."

_TABLES = """
select table_schema, table_name, coalesce(table_comment, '')
from information_schema.tables -- views as well
where table_catalog = current_database()
order by table_schema, table_name
"""


def shell(settings: Settings, out: TextIO, notes: TextIO) -> None:
    """Reads statements (ended by a semicolon) from standard input until it ends; prints their
    rows to `out`, and what goes wrong to `notes`.

    A statement that follows a publish runs on the new version: the file is opened anew whenever
    another one lies in its place. Raises UserError where nothing is published.
    """
    interactive = console.is_terminal(sys.stdin)
    with contextlib.closing(_Reader(settings)) as reader:
        connection = reader.current()
        if interactive:
            _remember_lines(settings)
            print_tables(connection, out)
            print(HELP, file=out)
        for statement in _statements(interactive, notes):
            if reader.is_outdated():
                print("A new version has been published; it is open now.", file=notes)
            connection = reader.current()
            try:
                if statement == ".tables":
                    print_tables(connection, out)
                else:
                    print_result(connection, statement, Format.table, out, notes)
            except UserError as error:
                print(error, file=notes)
            except KeyboardInterrupt:
                print("Interrupted.", file=notes)


def print_tables(connection: duckdb.DuckDBPyConnection, out: TextIO) -> None:
    """The tables of marts and ops, their rows, and the first sentence of what they hold."""
    rows = []
    for schema, name, what in connection.execute(_TABLES).fetchall():
        [(count,)] = connection.execute(f'select count(*) from {schema}."{name}"').fetchall()
        rows.append((name, f"{count:,}", what.split("\n")[0].split(". ")[0]))
    console.table(["table", "rows", "what"], rows, right=["rows"], out=out)


@dataclass
class _Reader:
    """The published file, opened anew when another version lies in its place.

    The old one is closed first: in one process, DuckDB hands out the instance that is open.
    """

    settings: Settings
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _version: tuple[int, int] | None = None
    _connection: duckdb.DuckDBPyConnection | None = None

    def current(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None or self.is_outdated():
            self.close()
            self._version = self._version_on_disk()
            self._connection = self._stack.enter_context(published(self.settings))
        return self._connection

    def is_outdated(self) -> bool:
        return self._version != self._version_on_disk()

    def close(self) -> None:
        self._connection = None
        self._stack.close()

    def _version_on_disk(self) -> tuple[int, int] | None:
        try:
            status = self.settings.analytics.stat()
        except FileNotFoundError:
            return None
        return (status.st_ino, status.st_mtime_ns)


def _statements(interactive: bool, notes: TextIO) -> Iterator[str]:
    """Statements as they are typed, without their semicolon; ends at .quit or end of input."""
    lines: list[str] = []
    while True:
        try:
            line = input((CONTINUED if lines else PROMPT) if interactive else "")
        except EOFError:
            break
        except KeyboardInterrupt:
            print(file=notes)
            lines = []
            continue
        word = line.strip()
        if not lines and word in {".quit", ".exit"}:
            return
        if not lines and word.startswith(".") and word != ".tables":
            print(HELP, file=notes)
        elif not lines and word == ".tables":
            yield word
        else:
            lines.append(line)
            if word.endswith(";"):
                yield from _statement(lines)
                lines = []
    yield from _statement(lines)


def _statement(lines: Sequence[str]) -> Iterator[str]:
    """The lines as one statement without its semicolon; nothing where that is blank."""
    if text := "\n".join(lines).strip().rstrip(";").strip():
        yield text


def _remember_lines(settings: Settings) -> None:
    """Arrow keys and a history, where Python has readline."""
    try:
        import readline
    except ImportError:
        return
    history = settings.data_dir / ".shell_history"
    with contextlib.suppress(OSError):
        readline.read_history_file(history)

    def keep() -> None:
        with contextlib.suppress(OSError):
            history.touch(mode=0o600)
            readline.write_history_file(history)

    atexit.register(keep)
