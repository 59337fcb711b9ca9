"""The collector under load on loopback: 500 events a second, each a request of its own, for a
minute. None may be lost.

Beside it the journal alone, as fast as it goes: many senders that share an fsync, against the same
senders one behind the other, each of whom waits for an fsync of its own. What one fsync of the disk
takes is shown with them, since all depends on it.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from ingestion.collector.journal import Journal
from tests.benchmarks.figures import Figures
from tests.benchmarks.senders import SENDERS, send
from tests.collecting import landed, running, settings_in, track

pytestmark = pytest.mark.bench

RATE = 500
SECONDS = 60
GROUP = "collecting 500 events a second for a minute"


def test_five_hundred_events_a_second_are_taken_and_none_is_lost(
    figures: Figures, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, collect_rate=100_000)
    with running(settings) as collector:
        seconds, took = asyncio.run(send(collector.url, RATE * SECONDS, RATE))
        processor = processor_seconds(collector.process.pid)
        assert collector.end() == 0
    found = [message["messageId"] for message in landed(settings)]
    assert len(found) == len(set(found)) == RATE * SECONDS
    took.sort()
    figures.rate(GROUP, "events answered 200, and found in landing/", len(found), seconds)
    for share in (0.5, 0.99, 1.0):
        figure = took[min(len(took) - 1, int(len(took) * share))]
        figures.seconds(GROUP, f"answer, p{share * 100:g}", figure)
    figures.seconds(GROUP, "processor of the collector, its start included", processor)


def test_the_group_commit_against_one_fsync_for_each_request(
    figures: Figures, tmp_path: Path
) -> None:
    count, group = 4_000, "collecting 4,000 events as fast as it goes"
    seconds = {}
    for name, each_alone in (("group commit", False), ("an fsync for each request", True)):
        settings = settings_in(tmp_path / name.replace(" ", "-"), collect_rate=100_000)
        with Journal(settings) as journal:
            seconds[name] = asyncio.run(append(journal, count, each_alone))
        assert len(landed(settings)) == count
        figures.rate(group, f"journal, {name}", count, seconds[name])
    probes = 500
    figures.rate(group, "fsyncs alone, of 300 bytes each", probes, fsync_seconds(tmp_path, probes))
    figures.ratio(
        group,
        "group commit against an fsync for each request",
        seconds["group commit"] / seconds["an fsync for each request"],
        1.0,
    )


async def append(journal: Journal, count: int, each_alone: bool) -> float:
    """Appends from many senders at once, or (each alone) behind one another."""
    turn = asyncio.Lock()
    waiting = iter(range(count))

    async def sender() -> None:
        for number in waiting:
            messages = [track(f"m{number}")]
            if each_alone:
                async with turn:
                    await journal.append(messages)
            else:
                await journal.append(messages)

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    return time.perf_counter() - began


def processor_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fsync_seconds(folder: Path, rounds: int) -> float:
    with (folder / "probe").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(rounds):
            file.write(b"x" * 300)
            os.fsync(file.fileno())
        return time.perf_counter() - began
