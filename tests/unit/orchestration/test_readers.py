"""Readers of the published file are shut off from the rest of the machine."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published as open_published


def test_tables_of_marts_and_ops_are_found_without_their_schema(published: Settings) -> None:
    with open_published(published) as connection:
        assert connection.execute("select count(*) from dim_people, refreshes").fetchone() == (2,)


@pytest.mark.parametrize("is_readable", [True, False])
def test_a_version_put_in_place_while_the_file_is_opened_is_the_one_that_is_read(
    published: Settings, monkeypatch: pytest.MonkeyPatch, is_readable: bool
) -> None:
    """As DuckDB opens a file several times: what it has of two versions is no version."""
    newer = published.data_dir / "newer.duckdb"
    shutil.copy(published.analytics, newer)
    newer.chmod(0o600)
    with duckdb.connect(newer) as connection:
        connection.execute("create table marts.only_in_the_newer as select 1 as one")
    connect = duckdb.connect
    waiting = [newer]

    def interrupted(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        found = connect(*arguments, **options)
        if waiting:
            waiting.pop().replace(published.analytics)
            if not is_readable:
                found.close()
                raise duckdb.SerializationException("Failed to deserialize: field id mismatch")
        return found

    monkeypatch.setattr(duckdb, "connect", interrupted)
    with open_published(published) as connection:
        assert connection.execute("from only_in_the_newer").fetchall() == [(1,)]


def test_now_can_be_compared_with_the_times_of_the_tables(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        with open_published(published) as connection:
            [(zone, is_same)] = connection.execute(
                "select current_setting('TimeZone'),"
                " timestamp '2026-06-30 12:00' = timestamptz '2026-06-30 12:00+00'"
            ).fetchall()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (zone, is_same) == ("UTC", True)


def test_readers_spill_where_the_settings_say(published: Settings, tmp_path: Path) -> None:
    spill_dir = tmp_path / "spill"
    with open_published(replace(published, spill_dir=spill_dir)) as connection:
        [(folder,)] = connection.execute("select current_setting('temp_directory')").fetchall()
    assert folder == str(spill_dir)


@pytest.mark.parametrize(
    "sql", ["select no_such_column from dim_people", "select * from no_such_table"]
)
def test_what_another_version_published_is_said_to_be_so(published: Settings, sql: str) -> None:
    said = r"published by another version .*; run: intent refresh"
    with pytest.raises(UserError, match=said), open_published(published) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into ops.refreshes select * from ops.refreshes",
        "drop table marts.dim_people",
        "create table marts.mine as select 1",
        "copy (select 1) to '{folder}/out.csv'",
        "select * from read_text('{folder}/secret.txt')",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access = true",
        "set threads = 1",
        "install httpfs",
    ],
)
def test_sql_can_write_nothing_and_reach_nothing_else(
    published: Settings, tmp_path: Path, sql: str
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    with open_published(published) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(folder=tmp_path))


def test_a_broken_file_is_told_in_one_line(settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.analytics.write_bytes(b"no database " * 1_000)
    with pytest.raises(UserError) as caught, open_published(settings):
        pass
    assert "cannot be opened" in str(caught.value)
    assert "\n" not in str(caught.value)
