"""A warehouse in a temporary folder, and small files to load into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import rules, warehouse
from ingestion.ledger import LedgerRow
from ingestion.loader import load_paths
from ingestion.settings import Settings
from tests.collecting import Collecting, collecting

Message = dict[str, Any]


def at(text: str) -> datetime:
    """A time of the warehouse: UTC, without a zone."""
    return datetime.fromisoformat(text)


def message(message_id: str | None = "m1", **parts: Any) -> Message:
    """A page view; keys given as None are left out."""
    whole = {
        "messageId": message_id,
        "type": "page",
        "timestamp": "2026-06-01T09:00:00.000Z",
        "anonymousId": "a1",
        **parts,
    }
    return {key: value for key, value in whole.items() if value is not None}


class Warehouse:
    """Schema raw of one test, and what was loaded into it."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, settings: Settings):
        self.folder = folder
        self.connection = connection
        self.settings = settings
        self._file_count = 0

    def file(self, content: bytes | str, name: str | None = None) -> Path:
        """A file of its own for each call."""
        self._file_count += 1
        path = self.folder / (name or f"file{self._file_count}.ndjson")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, content: bytes | str, **options: Any) -> LedgerRow:
        """The ledger's row of a new file with this content."""
        [row] = load_paths(self.connection, self.settings, [self.file(content)], **options)
        return row

    def load_messages(self, *messages: Message) -> LedgerRow:
        return self.load("".join(json.dumps(each) + "\n" for each in messages))

    def rows(self, query: str) -> list[dict[str, Any]]:
        result = self.connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def events(self) -> list[dict[str, Any]]:
        return self.rows("select * from raw.events order by line_number, event_id")

    def rejected(self) -> list[tuple[int, str]]:
        return self.connection.execute(
            "select line_number, reason_code from raw.rejected_events order by all"
        ).fetchall()

    def event(self, **parts: Any) -> dict[str, Any]:
        """What becomes of one message."""
        row = self.load_messages(message(**parts))
        assert row.loaded_count == 1, self.rejected()
        return self.rows(f"select * from raw.events where load_id = {row.load_id}")[0]

    def reason(self, **parts: Any) -> str:
        """Why one message is rejected."""
        row = self.load_messages(message(**parts))
        assert row.rejected_count == 1
        [found] = self.rows(
            f"select reason_code from raw.rejected_events where load_id = {row.load_id}"
        )
        return str(found["reason_code"])


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse."""
    settings = Settings(data_dir=tmp_path / "data", given_secret_key="key of the tests")
    files = tmp_path / "files"
    files.mkdir()
    with warehouse.connect(settings) as connection:
        yield Warehouse(files, connection, settings)


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collecting]:
    """A collector that answers, on an empty data directory."""
    with collecting(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows the macros of canonical columns."""
    with duckdb.connect() as connection:
        rules.define(connection)
        yield connection
