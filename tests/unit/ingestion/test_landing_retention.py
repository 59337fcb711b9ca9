"""Files of landing/ go only where the setting asks, and only those that the ledger holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import warehouse
from ingestion.landing_retention import remove_loaded_files
from ingestion.loader import load_paths
from ingestion.settings import Settings

LINE = '{"type":"page","messageId":"%s","anonymousId":"a1","timestamp":"2026-06-30T10:00:00Z"}\n'


@pytest.fixture
def kept_ten_days(tmp_path: Path) -> Settings:
    """Settings by which a loaded file stays for ten days."""
    return Settings(data_dir=tmp_path / "data", keep_landing_days=10)


@pytest.fixture
def connection(kept_ten_days: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.connect(kept_ten_days) as opened:
        yield opened


def dropped(settings: Settings, name: str, text: str, days_ago: float = 100) -> Path:
    path = settings.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    moment = datetime.now(UTC).timestamp() - days_ago * 86_400
    os.utime(path, (moment, moment))
    return path


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_a_loaded_file_goes_when_its_days_are_over_and_not_before(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    path = dropped(kept_ten_days, "sub/a.ndjson", LINE % "e1")
    load_paths(connection, kept_ten_days, [path])
    assert remove_loaded_files(connection, kept_ten_days, in_days(9.9)).removed == ()
    assert remove_loaded_files(connection, kept_ten_days, in_days(10.1)).removed == (path,)
    assert not path.exists()
    assert path.parent.is_dir()


def test_a_file_of_old_date_that_was_loaded_today_stays(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    path = dropped(kept_ten_days, "a.ndjson", LINE % "e1", days_ago=4_000)
    load_paths(connection, kept_ten_days, [path])
    assert remove_loaded_files(connection, kept_ten_days, in_days(0)).removed == ()


def test_what_the_ledger_does_not_hold_stays_for_ever(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    loaded = dropped(kept_ten_days, "a.ndjson", LINE % "e1")
    load_paths(connection, kept_ten_days, [loaded])
    never = dropped(kept_ten_days, "b.ndjson", LINE % "e2")
    changed = dropped(kept_ten_days, "a.ndjson", LINE % "e3")
    assert remove_loaded_files(connection, kept_ten_days, in_days(1_000)).removed == ()
    assert never.exists()
    assert changed.exists()


def test_a_file_whose_last_line_is_not_finished_stays(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    path = dropped(kept_ten_days, "a.ndjson", LINE % "e1" + '{"type":"pa')
    [row] = load_paths(connection, kept_ten_days, [path])
    assert row.unfinished_count == 1
    assert remove_loaded_files(connection, kept_ten_days, in_days(100)).removed == ()


@pytest.mark.parametrize(
    "content",
    [
        (LINE % "e1").encode("utf-16"),
        b"timestamp,anonymousId\n2026-06-30T10:00:00Z,a1\n",
        (LINE % "e1").encode() + b'{"type":"page","messageId":"caf\xe9"}\n',
    ],
    ids=["refused as a whole", "without a column", "with a line of bad bytes"],
)
def test_a_file_of_which_more_was_refused_than_is_in_quarantine_stays_and_is_told(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection, content: bytes
) -> None:
    path = dropped(kept_ten_days, "a.csv" if b"," in content[:20] else "a.ndjson", "")
    path.write_bytes(content)
    os.utime(path, (0, 0))
    load_paths(connection, kept_ten_days, [path])
    removal = remove_loaded_files(connection, kept_ten_days, in_days(11))
    assert removal.removed == ()
    assert path.exists()
    [told] = removal.refused
    assert path.name in told


def test_a_file_whose_refused_lines_are_in_quarantine_goes(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    path = dropped(kept_ten_days, "a.ndjson", LINE % "e1" + '{"type":"nonsense"}\n')
    load_paths(connection, kept_ten_days, [path])
    assert remove_loaded_files(connection, kept_ten_days, in_days(11)).removed == (path,)


def test_hidden_files_and_those_being_written_stay(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    load_paths(connection, kept_ten_days, [dropped(kept_ten_days, "a.ndjson", LINE % "e1")])
    others = [dropped(kept_ten_days, name, LINE % "e1") for name in (".a", "b.part", "c.tmp")]
    removal = remove_loaded_files(connection, kept_ten_days, in_days(100))
    assert [path.name for path in removal.removed] == ["a.ndjson"]
    assert all(path.exists() for path in others)


def test_without_the_setting_nothing_goes(
    kept_ten_days: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    path = dropped(kept_ten_days, "a.ndjson", LINE % "e1")
    load_paths(connection, kept_ten_days, [path])
    for_ever = replace(kept_ten_days, keep_landing_days=None)
    assert remove_loaded_files(connection, for_ever, in_days(10_000)).removed == ()
    assert path.exists()


def test_a_file_that_cannot_be_removed_is_told(
    kept_ten_days: Settings,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = dropped(kept_ten_days, "a.ndjson", LINE % "e1")
    load_paths(connection, kept_ten_days, [path])

    def refuse(self: Path) -> None:
        raise PermissionError(f"no permission for {self.name}")

    monkeypatch.setattr(Path, "unlink", refuse)
    removal = remove_loaded_files(connection, kept_ten_days, in_days(100))
    assert removal.removed == ()
    assert removal.refused == ("no permission for a.ndjson",)
