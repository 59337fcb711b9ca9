"""The written log: as many events as asked for, the same each time, every line accounted for."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingestion.simulator import simulate
from tests.unit.simulator.conftest import DAYS, END, EVENTS, Message, SimulatedLog, milliseconds

CHECKOUT = Path(__file__).resolve().parents[3]


def digests(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_arguments_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    simulate(2_000, tmp_path / "one", seed=5, days=30, end=END)
    program = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from ingestion.simulator import simulate;"
        f"simulate(2000, Path(sys.argv[1]), 5, 30, date({END.year}, {END.month}, {END.day}))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland"}
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "two")],
        check=True,
        cwd=CHECKOUT,
        env=environment,
    )
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_the_bytes_are_those_of_every_machine(tmp_path: Path) -> None:
    """A changed digest is a changed world: logs made before can no longer be made again."""
    simulate(1_000, tmp_path / "log", seed=1, days=30, end=date(2026, 3, 31))
    digest = digests(tmp_path / "log")["events-0001.ndjson"]
    assert digest == "70a5623c0cb8d585c918feef6233ab99c07519ef7ab5e3433e786c5b9bb87464"


def test_another_seed_gives_a_log_that_shares_no_identifier(
    tmp_path: Path, events: dict[str, Message]
) -> None:
    other = SimulatedLog(
        tmp_path / "log", simulate(2_000, tmp_path / "log", seed=8, days=DAYS, end=END)
    )
    for name in ("messageId", "userId"):
        here = {message.fields.get(name) for message in events.values()}
        there = {message.fields.get(name) for message in other.messages()}
        assert len(here & there) <= len({None, "", "null", "undefined", "anonymous"}) + 2


@pytest.mark.parametrize(("count", "days"), [(1, 1), (2, 400), (7, 3), (999, 1), (1_000, 60)])
def test_exactly_the_events_asked_for_are_written(tmp_path: Path, count: int, days: int) -> None:
    log = SimulatedLog(tmp_path / "log", simulate(count, tmp_path / "log", 2, days, END))
    assert len(log.events()) == len(log.truth("events")) == log.summary.events == count


def test_the_summary_counts_every_line(log: SimulatedLog, messages: list[Message]) -> None:
    lines = log.lines()
    faults = Counter(message.fault for message in messages)
    valid = [message for message in messages if not message.fault]
    copies: dict[str, list[str]] = {}
    for message in valid:
        content = json.dumps(message.fields.get("properties"), sort_keys=True)
        copies.setdefault(message.id, []).append(content)
    unreadable = Counter(_unreadable(line) for line in lines)

    summary = json.loads((log.folder / "truth" / "summary.json").read_text("utf-8"))
    assert summary["lines"] == len(lines)
    assert summary["blank"] == unreadable["blank"]
    assert summary["broken"] == {
        "truncated_json": unreadable["truncated_json"],
        "not_json": unreadable["not_json"],
        "not_an_object": unreadable["not_an_object"],
        "no_time": faults["no_time"],
        "unknown_type": faults["unknown_type"],
        "far_future": faults["far_future"],
    }
    assert summary["events"] == len(copies) == EVENTS
    assert summary["collisions"] == sum(len(set(own)) - 1 for own in copies.values())
    assert summary["duplicates"] == sum(len(own) - len(set(own)) for own in copies.values())
    assert summary["records"] == sum(
        (
            summary["events"],
            summary["duplicates"],
            summary["collisions"],
            summary["blank"],
            *summary["broken"].values(),
        )
    )
    assert summary["batches"] == sum('"batch":[' in line for line in lines)


def _unreadable(line: str) -> str:
    if not line.strip():
        return "blank"
    try:
        said = json.loads(line)
    except ValueError:
        # what is left of a message is longer than the noise
        begun = line.startswith('{"message') and len(line) > 60
        return "truncated_json" if begun else "not_json"
    return "" if isinstance(said, dict) else "not_an_object"


def test_the_summary_tells_what_the_call_returns(log: SimulatedLog) -> None:
    summary = json.loads((log.folder / "truth" / "summary.json").read_text("utf-8"))
    assert summary["sessions"] == log.summary.sessions
    assert summary["first_day"] == str(log.summary.first_day) == "2026-01-01"
    assert f"{EVENTS:,} events" in str(log.summary)


def test_records_lie_in_order_of_receipt_and_none_is_received_before_it_was_sent(
    messages: list[Message],
) -> None:
    received = [message.time("receivedAt") for message in messages]
    known = [at for at in received if at is not None]
    assert known == sorted(known)
    for message in messages:
        if message.fault or message.time("sentAt") is None:
            continue
        assert (message.event_at or 0) <= (message.time("receivedAt") or 0)


def test_events_lie_in_the_window(log: SimulatedLog, events: dict[str, Message]) -> None:
    first = milliseconds(f"{log.summary.first_day}T00:00:00Z")
    last = milliseconds(f"{log.summary.last_day}T23:59:59.999Z")
    corrected = [
        message.event_at or 0 for message in events.values() if message.time("sentAt") is not None
    ]
    # the time on the way is part of the corrected time
    assert first <= min(corrected)
    assert max(corrected) <= last + 60_000


def test_a_larger_log_goes_into_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.simulator.writer.LINES_A_FILE", 400)
    monkeypatch.setattr("ingestion.simulator.writer._LINES_AT_ONCE", 150)
    split = SimulatedLog(tmp_path / "split", simulate(1_000, tmp_path / "split", 3, 30, END))
    monkeypatch.undo()
    whole = SimulatedLog(tmp_path / "whole", simulate(1_000, tmp_path / "whole", 3, 30, END))
    names = sorted(file.name for file in split.folder.glob("*.ndjson"))
    assert names == ["events-0001.ndjson", "events-0002.ndjson", "events-0003.ndjson"]
    assert (split.folder / names[0]).read_text("utf-8").count("\n") == 400
    assert split.lines() == whole.lines()
