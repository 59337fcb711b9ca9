"""Whole files through the loader: the golden story, a real access log, a load that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingestion import reference, warehouse
from ingestion.ledger import LedgerRow
from ingestion.loader import load_paths
from ingestion.settings import PROJECT_ROOT, Settings


def load(folder: Path, *paths: Path) -> tuple[list[LedgerRow], dict[str, list[tuple[Any, ...]]]]:
    """The ledger's rows of a first load, and the tables that come of it."""
    settings = Settings(data_dir=folder, given_secret_key="key of the tests")
    with warehouse.connect(settings) as connection:
        rows = load_paths(connection, settings, paths)
        reference.refresh_lists(connection)
        tables = {
            table: connection.execute(
                f"select * exclude ({excluded}) from raw.{table} order by all"
            ).fetchall()
            for table, excluded in (
                ("events", "load_id, line_number"),
                ("event_id_collisions", "load_id, line_number"),
                ("user_agents", "bot_name"),
            )
        }
    return rows, tables


def test_the_golden_story_is_77_events_and_one_sent_again(
    shared_data: Path, tmp_path: Path
) -> None:
    [row], tables = load(tmp_path, shared_data / "golden" / "story.ndjson")
    assert (row.record_count, row.loaded_count, row.duplicate_count) == (78, 77, 1)
    assert len(tables["events"]) == 77


def test_the_golden_story_in_pieces_backwards_and_twice_is_the_same(
    shared_data: Path, tmp_path: Path
) -> None:
    story = (shared_data / "golden" / "story.ndjson").read_text().splitlines(keepends=True)
    whole = tmp_path / "whole.ndjson"
    whole.write_text("".join(story))
    pieces = []
    for number, start in enumerate(range(0, len(story), 20)):
        pieces.append(tmp_path / f"piece{9 - number}.ndjson")
        pieces[-1].write_text("".join(reversed(story[start : start + 25])))
    _, at_once = load(tmp_path / "at_once", whole)
    _, by_pieces = load(tmp_path / "by_pieces", *pieces)
    assert by_pieces == at_once


def test_ten_thousand_lines_of_a_real_access_log_are_accounted_for(
    shared_data: Path, tmp_path: Path
) -> None:
    [row], tables = load(tmp_path, shared_data / "data" / "access_logs" / "apache_logs")
    assert row.format == "access_log"
    assert row.record_count == 10_000
    # line 8899 breaks off in the middle of its agent
    assert row.rejected_count == 1
    assert row.loaded_count + row.duplicate_count + row.skipped_count == 9_999
    assert row.loaded_count == len(tables["events"]) > 3_000
    bots = [agent for agent, is_bot in tables["user_agents"] if is_bot]
    assert any("Googlebot" in agent for agent in bots)


KILLED = """
import os, sys
from pathlib import Path
from ingestion import ledger, warehouse
from ingestion.loader import load_paths
from ingestion.settings import Settings
settings = Settings(data_dir=Path(sys.argv[1]), given_secret_key="key of the tests")
append = ledger.append
def die_before_the_second_commit(connection, row):
    append(connection, row)
    if row.file_name == "two.ndjson":
        os.kill(os.getpid(), 9)
ledger.append = die_before_the_second_commit
load_paths(warehouse.connect(settings), settings, [Path(path) for path in sys.argv[2:]])
"""


def test_a_load_killed_before_its_commit_was_never_there(tmp_path: Path) -> None:
    paths = []
    for name in ("one", "two", "three"):
        paths.append(tmp_path / f"{name}.ndjson")
        paths[-1].write_text(
            "".join(
                json.dumps({"messageId": f"{name}{n}", "type": "page", "timestamp": "2026-06-01"})
                + "\n"
                for n in range(1_000)
            )
        )
    _, undisturbed = load(tmp_path / "undisturbed", *paths)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed"), *map(str, paths)],
        cwd=PROJECT_ROOT,
    )
    assert killed.returncode == -9
    rows, again = load(tmp_path / "killed", *paths)
    assert [row.already_loaded for row in rows] == [True, False, False]
    assert again == undisturbed


@pytest.mark.parametrize("name", ["log.ndjson", "log.csv", "log"])
def test_the_name_of_a_file_says_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps({"type": "page", "timestamp": "2026-06-01"}) + "\n")
    [row], _ = load(tmp_path / "data", path)
    assert (row.format, row.loaded_count) == ("segment", 1)
