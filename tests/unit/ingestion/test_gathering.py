"""The collector's files of a day become one, and no line of theirs is lost on the way."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion import gathering, warehouse
from ingestion.gathering import days_over, gather
from ingestion.landing import log_files, pending_files, starts_a_refresh
from ingestion.loader import load_paths
from ingestion.settings import Settings

LINE = '{"type":"page","messageId":"%s","anonymousId":"a1","timestamp":"2026-06-29T10:00:00Z"}\n'
TODAY = date(2026, 6, 30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "data")
    made.landing.mkdir(parents=True)
    return made


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.connect(settings) as opened:
        yield opened


def collected(settings: Settings, number: int, day: str = "20260629", kind: str = "events") -> Path:
    path = settings.landing / f"{kind}-{day}T10000{number}Z-00000000000{number}.ndjson"
    path.write_text(LINE % f"e{number}")
    return path


def names(settings: Settings) -> list[str]:
    return [path.name for path in log_files(settings.landing)]


def test_the_files_of_a_day_that_is_over_become_one_with_the_same_lines(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    collected(settings, 1)
    collected(settings, 2, kind="requests")
    of_today = [collected(settings, 3, "20260630"), collected(settings, 4, "20260630")]
    lone = collected(settings, 5, "20260628")
    dropped = settings.landing / "events-of-june.ndjson"
    dropped.write_text(LINE % "e6")
    load_paths(connection, settings, [settings.landing])
    [made] = gather(connection, settings, days_over(settings, TODAY))
    assert gzip.decompress(made.read_bytes()).decode() == LINE % "e1" + LINE % "e2"
    assert made.stat().st_mode & 0o077 == 0
    assert not starts_a_refresh(made)
    assert set(pending_files(settings)) == {made, *of_today, lone, dropped}
    rows = load_paths(connection, settings, [settings.landing])
    [again] = [row for row in rows if not row.already_loaded]
    assert (again.record_count, again.duplicate_count) == (2, 2)
    assert days_over(settings, TODAY) == {}


def test_a_record_that_was_rejected_is_in_the_quarantine_once(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    for number in (1, 2):
        bad = LINE.replace("page", "click") % f"bad{number}"
        path = collected(settings, number)
        path.write_text(bad + LINE % f"e{number}")
    load_paths(connection, settings, [settings.landing])
    kept = connection.execute("select * from raw.rejected_events order by all").fetchall()
    [made] = gather(connection, settings, days_over(settings, TODAY))
    [row] = load_paths(connection, settings, [made])
    assert (row.record_count, row.rejected_count) == (4, 2)
    assert connection.execute("select * from raw.rejected_events order by all").fetchall() == kept


def test_what_is_not_loaded_whole_stays_as_it_is(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    for number in (1, 2):
        collected(settings, number)
    torn = collected(settings, 3)
    torn.write_text(LINE % "e3" + '{"type":"pa')
    load_paths(connection, settings, [settings.landing])
    late = collected(settings, 4)
    gather(connection, settings, days_over(settings, TODAY))
    assert {late.name, torn.name} < set(names(settings))
    assert len(names(settings)) == 3


@pytest.mark.parametrize("call", ["fsync", "rename", "unlink"])
def test_stopped_anywhere_no_line_is_lost_and_the_next_time_ends_it(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    for number in (1, 2, 3):
        collected(settings, number)
    load_paths(connection, settings, [settings.landing])

    class StoppedError(BaseException):
        """As a kill would."""

    def stop(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr(gathering.os if call == "fsync" else Path, call, stop)
        with pytest.raises(StoppedError):
            gather(connection, settings, days_over(settings, TODAY))
    gather(connection, settings, days_over(settings, TODAY))
    [made] = log_files(settings.landing)
    assert gzip.decompress(made.read_bytes()).decode() == "".join(LINE % f"e{n}" for n in (1, 2, 3))
    assert [path.name for path in settings.landing.iterdir()] == [made.name]


def test_a_full_disk_leaves_all_as_it_was(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = [collected(settings, number) for number in (1, 2)]
    load_paths(connection, settings, [settings.landing])

    def fail(_: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(gathering.os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        gather(connection, settings, days_over(settings, TODAY))
    assert sorted(settings.landing.iterdir()) == paths
