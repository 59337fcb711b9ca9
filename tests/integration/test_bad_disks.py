"""A disk that is full, and one that may not be written to: told in a line, nothing lost, nothing
doubled. In a mount namespace of their own, so that the disk may be made and filled."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.refreshing.pipeline_files import both_files

APART = ("unshare", "--map-root-user", "--mount")
"""Runs what follows where it can mount; nobody else sees that."""

INTENT = f"{sys.executable} -c 'from orchestration.cli import main; main()'"

FULL = f"""
mount -t tmpfs -o size=24m tmpfs "$INTENT_DATA_DIR"
{INTENT} load "$LOGS/first.ndjson" >&2
head -c 100000000 /dev/zero > "$INTENT_DATA_DIR/fill" 2>/dev/null
{INTENT} load "$LOGS/second.ndjson"; echo $? >> "$LOGS/codes"
rm "$INTENT_DATA_DIR/fill"
{INTENT} load "$LOGS/first.ndjson" "$LOGS/second.ndjson" >&2; echo $? >> "$LOGS/codes"
cp "$INTENT_DATA_DIR/warehouse.duckdb" "$LOGS/afterwards"
"""

READ_ONLY = f"""
mount --bind "$INTENT_DATA_DIR" "$INTENT_DATA_DIR"
mount -o remount,bind,ro "$INTENT_DATA_DIR"
{INTENT} load "$LOGS/first.ndjson"; echo $? >> "$LOGS/codes"
{INTENT} refresh "$LOGS/first.ndjson"; echo $? >> "$LOGS/codes"
"""

REFRESH_ON_A_FULL_DISK = f"""
mount -t tmpfs -o size=16m tmpfs "$INTENT_DATA_DIR"
{INTENT} refresh "$LOGS/first.ndjson"; echo $? >> "$LOGS/codes"
mount -o remount,size=500m "$INTENT_DATA_DIR"
{INTENT} refresh "$LOGS/first.ndjson" >&2; echo $? >> "$LOGS/codes"
cp "$INTENT_DATA_DIR/warehouse.duckdb" "$LOGS/afterwards"
"""


@pytest.fixture
def _can_mount() -> None:
    try:
        can = subprocess.run([*APART, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        can = False
    if not can:
        pytest.skip("this system does not let us mount")


class Logs:
    """Two log files, and a data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "logs"
        self.settings = Settings(data_dir=folder / "data")
        self.folder.mkdir()
        self.settings.data_dir.mkdir()
        for name in ("first", "second"):
            lines = [page(f"{name}-{number}") for number in range(500)]
            (self.folder / f"{name}.ndjson").write_text("\n".join(lines))

    def run_apart(self, script: str) -> tuple[list[str], str]:
        """The exit codes that the script notes, and what it prints."""
        done = subprocess.run(
            [*APART, "sh", "-c", script],
            env={
                **os.environ,
                "INTENT_DATA_DIR": str(self.settings.data_dir),
                "LOGS": str(self.folder),
            },
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return (self.folder / "codes").read_text().split(), done.stderr

    def counts_afterwards(self) -> tuple[int, int]:
        """Events, and records as the ledger has them."""
        with duckdb.connect(self.folder / "afterwards", read_only=True) as connection:
            [counts] = connection.execute(
                "select (select count(*) from raw.events), sum(record_count) from raw.files"
            ).fetchall()
        return int(counts[0]), int(counts[1])


@pytest.fixture
def logs(tmp_path: Path, _can_mount: None) -> Logs:
    return Logs(tmp_path)


def page(event_id: str) -> str:
    return json.dumps(
        {
            "messageId": event_id,
            "type": "page",
            "anonymousId": f"device of {event_id}",
            "timestamp": "2026-06-30T12:00:00Z",
            "context": {"page": {"url": f"https://www.example.com/{event_id}"}},
        }
    )


def test_what_found_the_disk_full_is_loaded_once_there_is_room(logs: Logs) -> None:
    codes, told = logs.run_apart(FULL)
    assert codes == ["1", "0"]
    assert "intent: the disk is full (" in told
    assert logs.counts_afterwards() == (1_000, 1_000)


def test_a_data_directory_that_may_not_be_written_to_is_told(logs: Logs) -> None:
    codes, told = logs.run_apart(READ_ONLY)
    assert codes == ["1", "1"]
    assert told.count("\n") == 2
    assert told.count("intent: the disk cannot be written to (") == 2
    assert list(logs.settings.data_dir.iterdir()) == []


def test_a_database_that_could_not_be_made_can_be_made_later(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    script = "import sys, pathlib, ingestion.warehouse as w; w.make_file(pathlib.Path(sys.argv[1]))"
    for path in (settings.warehouse, settings.marts):
        refused = subprocess.run(
            [sys.executable, "-c", script, path],
            cwd=PROJECT_ROOT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000)),
            capture_output=True,
            text=True,
        )
        assert "File too large" in refused.stderr
        assert not path.exists()
    with both_files(settings) as connection:
        assert connection.execute("select count(*) from raw.events").fetchone() == (0,)


@pytest.mark.slow
def test_a_refresh_that_found_the_disk_full_is_healed_by_the_next(logs: Logs) -> None:
    codes, told = logs.run_apart(REFRESH_ON_A_FULL_DISK)
    assert codes == ["1", "0"], told
    assert "disk is full" in told.lower()
    assert logs.counts_afterwards() == (500, 500)
