"""Ten refreshes of a log that came shuffled, in pieces that overlap, say what one refresh says."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests.integration.test_updates_equal_a_rebuild import RECORDS

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
COMMAND = [sys.executable, "-c", "from orchestration.cli import main; main()"]


def refresh(data_dir: Path, paths: Sequence[Path]) -> Settings:
    settings = Settings(data_dir=data_dir, site_domains=("example.com",))
    environment = {**os.environ, **settings.environment(), "INTENT_SECRET_KEY": "the same" * 4}
    command = [*COMMAND, "refresh", *map(str, paths), "--as-of", str(AS_OF)]
    done = subprocess.run(
        command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return settings


def pieces(log: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """The lines of the log in any order, in files that share a tenth of their lines."""
    lines = [line for path in log for line in path.read_bytes().splitlines(keepends=True)]
    random.Random(11).shuffle(lines)
    size = len(lines) // count + 1
    made = []
    for number in range(count):
        path = folder / f"piece-{number}.ndjson"
        start = number * size
        path.write_bytes(b"".join(lines[max(0, start - size // 10) : start + size]))
        made.append(path)
    return made


def differences(first: Path, second: Path) -> list[str]:
    """The tables of schema marts that do not hold the same rows."""
    with duckdb.connect() as connection:
        for name, path in (("first", first), ("second", second)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = connection.execute(
            "select distinct table_name from duckdb_tables()"
            " where database_name in ('first', 'second') and schema_name = 'marts'"
        ).fetchall()
        assert len(tables) > 20
        return [
            table
            for (table,) in tables
            if table not in RECORDS
            and connection.execute(
                f"""
                select count(*) from (
                    (from first.marts.{table} except all from second.marts.{table})
                    union all
                    (from second.marts.{table} except all from first.marts.{table})
                )
                """
            ).fetchone()
            != (0,)
        ]


def test_ten_shuffled_and_overlapping_batches_say_what_one_refresh_says(tmp_path: Path) -> None:
    simulate(20_000, tmp_path / "log", seed=5, days=120, end=AS_OF)
    log = sorted((tmp_path / "log").glob("*.ndjson"))
    leads, spend = (tmp_path / "log" / name for name in ("leads.csv", "ad_spend.csv"))
    half = tmp_path / "half.csv"
    half.write_text("".join(spend.read_text().splitlines(keepends=True)[:500]))
    whole = refresh(tmp_path / "whole", [*log, leads, spend])
    lists = {2: [half], 4: [leads], 6: [spend]}
    for number, piece in enumerate(pieces(log, tmp_path, 10)):
        batches = refresh(tmp_path / "batches", [piece, *lists.get(number, [])])
    assert differences(whole.analytics, batches.analytics) == []
