"""Worlds of known truth: what is written of them, and that it is so."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.simulator import simulate
from ingestion.simulator.worlds import WORLDS

END, DAYS = date(2026, 6, 30), 200


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def truth(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, world: str, seed: int = 3) -> Path:
    simulate(2_000, folder, seed=seed, days=DAYS, end=END, world=world)
    return folder


def conversions(folder: Path) -> dict[str, date]:
    """The day of each person's demo, by the address that it names; faults are left out."""
    days: dict[str, date] = {}
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_text("utf-8").splitlines():
            if '"demo_request"' in line and line.startswith("{"):
                try:
                    said = json.loads(line)
                except ValueError:
                    continue
                for message in said.get("batch", [said]):
                    if message.get("event") == "demo_request":
                        person = json.dumps(message)
                        days[person] = date.fromisoformat(str(message["timestamp"])[:10])
    return days


def test_the_usual_log_is_of_no_world(tmp_path: Path) -> None:
    simulate(300, tmp_path / "log", seed=3, days=40, end=END)
    summary = json.loads((tmp_path / "log" / "truth" / "summary.json").read_text("utf-8"))
    assert "world" not in summary
    assert not (tmp_path / "log" / "truth" / "world.csv").exists()


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_seed_writes_the_same_world_and_another_another(
    tmp_path: Path, world: str
) -> None:
    one, again = written(tmp_path / "one", world), written(tmp_path / "again", world)
    assert digest(one) == digest(again)
    assert digest(written(tmp_path / "other", world, seed=4)) != digest(one)


def test_worlds_differ_in_more_than_their_name(tmp_path: Path) -> None:
    logs = {
        (written(tmp_path / world, world) / "events-0001.ndjson").read_bytes() for world in WORLDS
    }
    assert len(logs) == len(WORLDS)


@pytest.mark.parametrize("world", WORLDS)
def test_who_converts_is_known_and_does_so_once(tmp_path: Path, world: str) -> None:
    folder = written(tmp_path / "log", world)
    people = truth(folder, "world")
    assert {row["is_known"] for row in people if row["converts_on"]} == {"true"}
    by_truth = Counter(row["converts_on"] for row in people if row["converts_on"])
    events = Counter(str(day) for day in set(conversions(folder).values()))
    assert set(events) <= set(by_truth)
    assert len(events) > 0.8 * len(by_truth)
    first = END - timedelta(days=DAYS - 1)
    assert all(str(first) <= day <= str(END) for day in by_truth)


def test_where_intent_decides_most_convert_while_they_want(tmp_path: Path) -> None:
    rows = truth(written(tmp_path / "log", "intent"), "world")
    asked = [row for row in rows if row["converts_on"]]
    wanted = [row for row in asked if row["wants_from"]]
    assert len(wanted) > 0.8 * len(asked)
    assert all(row["wants_from"] < row["converts_on"] for row in wanted)


def test_where_nothing_decides_who_wants_it_converts_no_more_often(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    simulate(12_000, folder, seed=3, days=DAYS, end=END, world="null")
    rows = [row for row in truth(folder, "world") if row["is_known"] == "true"]
    rates = {}
    for wants in (True, False):
        own = [bool(row["converts_on"]) for row in rows if bool(row["wants_from"]) is wants]
        rates[wants] = sum(own) / len(own)
    assert abs(rates[True] - rates[False]) < 0.15


def test_where_recency_decides_nobody_converts_long_after_they_came_last(tmp_path: Path) -> None:
    rows = truth(written(tmp_path / "log", "recency"), "world")
    asked = [row for row in rows if row["converts_on"]]
    assert asked
    for row in asked:
        last = date.fromisoformat(row["comes_until"])
        assert date.fromisoformat(row["converts_on"]) <= last + timedelta(days=5)


def test_a_world_that_there_is_not_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no world 'flat'; name one of intent, null, recency"):
        simulate(100, tmp_path / "log", world="flat")
