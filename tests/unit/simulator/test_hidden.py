"""Programs behind a browser's agent: beside the log of people, and told only by the truth."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.simulator import simulate
from ingestion.simulator.agents import AGENTS, DESKTOP
from ingestion.simulator.hidden import HIDDEN_LOG, HIDDEN_TRUTH, SHAPES

END = date(2026, 3, 31)
PROGRAMS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 500 events with hidden programs beside it."""
    folder = tmp_path_factory.mktemp("hidden") / "log"
    simulate(500, folder, seed=3, days=30, end=END, hidden_programs=PROGRAMS)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """All files, by their place in the folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth" / HIDDEN_TRUTH).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_log_of_people_is_the_same_with_and_without_hidden_programs(
    folder: Path, tmp_path: Path
) -> None:
    simulate(500, tmp_path / "log", seed=3, days=30, end=END)
    without, beside = files_of(tmp_path / "log"), files_of(folder)
    added = {HIDDEN_LOG, f"truth/{HIDDEN_TRUTH}"}
    assert beside.keys() - without.keys() == added
    told = {"truth/summary.json"}
    assert {name: beside[name] for name in without.keys() - told} == {
        name: without[name] for name in without.keys() - told
    }


def test_the_same_arguments_give_the_same_programs(folder: Path, tmp_path: Path) -> None:
    simulate(500, tmp_path / "log", seed=3, days=30, end=END, hidden_programs=PROGRAMS)
    assert files_of(tmp_path / "log") == files_of(folder)


def test_the_truth_tells_of_each_program_what_the_log_does_not(folder: Path) -> None:
    lines = (folder / HIDDEN_LOG).read_text(encoding="utf-8").splitlines()
    messages = [json.loads(line) for line in lines]
    rows = truth(folder)
    assert Counter(row["shape"] for row in rows) == dict.fromkeys(SHAPES, PROGRAMS // 6)
    assert {row["is_careful"] for row in rows} == {"true", "false"}
    assert Counter(message["anonymousId"] for message in messages) == {
        row["anonymous_id"]: int(row["event_count"]) for row in rows if row["event_count"] != "0"
    }
    assert len({message["messageId"] for message in messages}) == len(messages)
    browsers = {agent.text for agent in AGENTS if agent.kind == DESKTOP}
    assert {message["context"]["userAgent"] for message in messages} <= browsers
    assert all("2026-03-02" <= message["timestamp"] < "2026-04-01" for message in messages)


def test_no_id_of_a_program_is_one_of_the_log(folder: Path) -> None:
    people = (folder / "events-0001.ndjson").read_text(encoding="utf-8")
    lines = (folder / HIDDEN_LOG).read_text(encoding="utf-8").splitlines()
    ids = {json.loads(line)[name] for line in lines for name in ("messageId", "anonymousId")}
    assert not [one for one in ids if one in people]


def test_hidden_programs_are_counted_apart(tmp_path: Path) -> None:
    summary = simulate(50, tmp_path / "log", seed=3, days=10, end=END, hidden_programs=6)
    lines = (tmp_path / "log" / HIDDEN_LOG).read_text(encoding="utf-8").splitlines()
    assert (summary.events, summary.hidden_programs, summary.hidden_events) == (50, 6, len(lines))
    assert f"6 programs behind a browser's agent, with {len(lines):,} events" in str(summary)


@pytest.mark.parametrize("count", [-1, 10_001])
def test_a_number_of_programs_that_cannot_be_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(UserError, match="hidden programs"):
        simulate(10, tmp_path / "log", end=END, hidden_programs=count)
