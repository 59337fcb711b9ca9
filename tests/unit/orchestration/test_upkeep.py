"""The job of upkeep: compacts what is worth it, under the lock, and fails for no lack of room."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.lock import LockBusyError, check_free
from ingestion.settings import Settings
from orchestration.defs import upkeep
from orchestration.refreshing.outcomes import Compacted, Outcome
from orchestration.refreshing.pipeline_files import both_files
from orchestration.refreshing.progress import SilentProgress
from orchestration.refreshing.writer import Writer


class Heard(SilentProgress):
    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.words: list[str] = []

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.words.append(words)


@pytest.fixture
def files(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Both files, the warehouse being worth the while."""
    with both_files(settings) as connection:
        connection.execute("create table raw.mine as select 1 as number")

    def worth_it(settings: Settings) -> list[Path]:
        return [settings.warehouse]

    monkeypatch.setattr(upkeep, "files_worth_it", worth_it)
    return settings


def run(settings: Settings) -> tuple[dg.ExecuteInProcessResult, Heard]:
    heard, writer = Heard(), Writer(settings, 0)
    try:
        result = upkeep.upkeep_job.execute_in_process(
            resources={"settings": settings, "writer": writer, "progress": heard},
            raise_on_error=False,
        )
        with pytest.raises(LockBusyError):
            check_free(settings)
    finally:
        writer.release()
    return result, heard


def test_what_is_worth_it_is_compacted_and_told(files: Settings) -> None:
    result, heard = run(files)
    assert result.success
    [done] = heard.outcomes
    assert isinstance(done, Compacted)
    assert done.path == files.warehouse
    assert heard.words[0].startswith("warehouse.duckdb: ")
    with both_files(files) as connection:
        assert connection.execute("from raw.mine").fetchall() == [(1,)]


def test_a_full_disk_fails_no_upkeep(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(settings: Settings, path: Path) -> Compacted:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upkeep, "compact", fail)
    result, heard = run(files)
    assert result.success
    assert heard.outcomes == []


def test_a_file_that_another_process_holds_fails_no_upkeep(
    files: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(settings: Settings) -> list[Path]:
        raise duckdb.IOException("Could not set lock on file")

    monkeypatch.setattr(upkeep, "files_worth_it", fail)
    result, heard = run(files)
    assert result.success
    assert heard.outcomes == []


def test_upkeep_is_due_once_a_week() -> None:
    minute, hour, *_, weekday = str(upkeep.weekly_upkeep.cron_schedule).split()
    assert (minute.isdigit(), hour.isdigit(), weekday.isdigit()) == (True, True, True)
    assert upkeep.weekly_upkeep.job_name == "upkeep"
