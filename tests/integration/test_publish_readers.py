"""Readers in other processes see whole versions only, and never wait for the writer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb

from ingestion.settings import Settings
from orchestration.refreshing.publish import publish
from tests.unit.orchestration.small_marts import build_marts, record

VERSIONS = 12

READER = """
import duckdb, sys
seen = set()
print("ready", flush=True)
while max(seen, default=0) < {versions}:
    with duckdb.connect({path!r}, read_only=True) as connection:
        [(low, high, rows)] = connection.execute(
            "select min(version), max(version), count(*) from marts.big"
        ).fetchall()
        [(refreshes,)] = connection.execute("select count(*) from ops.refreshes").fetchall()
    assert low == high == refreshes and rows == 50_000, (low, high, refreshes, rows)
    seen.add(high)
print(len(seen))
"""


def write_version(settings: Settings, version: int) -> None:
    with duckdb.connect(settings.marts) as connection:
        connection.execute(
            "create or replace table marts.marts.big as"
            f" select {version} as version from range(50000)"
        )


def test_a_reader_in_a_loop_sees_every_version_whole(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build_marts(settings)
    write_version(settings, 1)
    publish(settings, record("refresh-1"))
    script = READER.format(path=str(settings.analytics), versions=VERSIONS)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for version in range(2, VERSIONS + 1):
            write_version(settings, version)
            publish(settings, record(f"refresh-{version}"))
        seen, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    assert int(seen) >= 2


def test_a_reader_that_stays_keeps_its_version(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build_marts(settings)
    publish(settings, record("first"))
    with duckdb.connect(settings.analytics, read_only=True) as reader:
        publish(settings, record("second"))
        count = "select count(*) from ops.refreshes"
        assert reader.execute(count).fetchone() == (1,)
    with duckdb.connect(settings.analytics, read_only=True) as reader:
        assert reader.execute(count).fetchone() == (2,)


def test_a_publisher_killed_while_it_copies_leaves_the_earlier_version(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build_marts(settings)
    publish(settings, record("first"))
    script = f"""
import os, pathlib
from ingestion.settings import Settings
from orchestration.refreshing import publish
from tests.unit.orchestration.small_marts import record
publish.os.fsync = lambda _: os.kill(os.getpid(), 9)
publish.publish(Settings(data_dir=pathlib.Path({str(tmp_path)!r})), record("second"))
"""
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", script], cwd=root)
    assert killed.returncode == -9
    assert len(list(tmp_path.glob(".analytics.duckdb.*"))) == 1
    with duckdb.connect(settings.analytics, read_only=True) as reader:
        ids = reader.execute("select refresh_id from ops.refreshes").fetchall()
    assert ids == [("first",)]
    publish(settings, record("third"))
    assert list(tmp_path.glob(".analytics.duckdb.*")) == []
    with duckdb.connect(settings.analytics, read_only=True) as reader:
        ids = reader.execute("select refresh_id from ops.refreshes order by all").fetchall()
    assert ids == [("first",), ("third",)]
