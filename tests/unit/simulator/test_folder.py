"""Where the log is written: all at once, over nothing but an earlier simulation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.landing import log_files
from ingestion.simulator import simulate

END = date(2026, 3, 31)
WRITTEN = {"events-0001.ndjson", "leads.csv", "ad_spend.csv"}


def test_an_earlier_simulation_is_replaced(tmp_path: Path) -> None:
    simulate(50, tmp_path / "log", seed=1, days=10, end=END)
    before = (tmp_path / "log" / "events-0001.ndjson").read_bytes()
    simulate(60, tmp_path / "log", seed=1, days=10, end=END)
    assert (tmp_path / "log" / "events-0001.ndjson").read_bytes() != before
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"]


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    simulate(10, tmp_path / "empty", end=END)
    simulate(10, tmp_path / "deep" / "down", end=END)
    for folder in (tmp_path / "empty", tmp_path / "deep" / "down"):
        assert {entry.name for entry in folder.iterdir()} == WRITTEN | {"truth"}


def test_files_of_something_else_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(UserError, match="something else"):
        simulate(10, tmp_path, end=END)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failure_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(50, tmp_path / "log", seed=1, days=10, end=END)
    before = (tmp_path / "log" / "events-0001.ndjson").read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingestion.simulator.world.write_truth", full_disk)
    with pytest.raises(UserError, match="No space left"):
        simulate(60, tmp_path / "log", seed=1, days=10, end=END)
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"]
    assert (tmp_path / "log" / "events-0001.ndjson").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"events": 0}, "0 events"),
        ({"events": -5}, "-5 events"),
        ({"days": 0}, "0 days"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_simulated_is_told_in_one_line(
    tmp_path: Path, arguments: dict[str, int], word: str
) -> None:
    settings = {"events": 10, "seed": 1, "days": 10} | arguments
    with pytest.raises(UserError, match=word) as told:
        simulate(out=tmp_path / "log", end=END, **settings)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "log").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        simulate(10, tmp_path / "file", end=END)


def test_the_truth_is_not_taken_for_logs(tmp_path: Path) -> None:
    simulate(10, tmp_path / "log", end=END)
    assert {file.name for file in log_files(tmp_path / "log")} == WRITTEN
