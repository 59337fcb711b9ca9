"""A collector that is killed loses nothing that it answered 200 for, and nothing is there twice."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import random
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from ingestion.collector.server import listening_socket
from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from tests.collecting import KEY, in_batch, load_landing, running, settings_in, track


def test_killed_before_and_after_each_fsync_and_rename_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.collector_rig", tmp_path / "data"],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0
    told = json.loads(done.stdout)
    points = " ".join(told["points"])
    for point in ("fsync in live_files.append", "rename in live_files._finish"):
        assert f"before {point}" in points
        assert f"after {point}" in points
    assert told["kills"] == len(told["points"]) > 20
    assert told["unfinished"] == []
    loaded = load_landing(settings_in(tmp_path), as_one_file=True)
    found = [event["event_id"] for event in loaded.events]
    assert set(told["acknowledged"]) <= set(found)
    # each round had ids of its own, and was sent once
    assert loaded.record_count == len(found) == len(set(found))
    assert loaded.rejected == []


def test_the_command_ends_in_order_and_all_that_it_took_is_in_landing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running(settings) as collector:
        answer = httpx.post(f"{collector.url}/v1/track", json=track(), auth=(KEY, ""))
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert list(settings.landing.glob("*.ndjson")) == []
        port = int(collector.url.rpartition(":")[2])
        with pytest.raises(UserError, match="choose another --port"):
            listening_socket("127.0.0.1", port)
        assert collector.end() == 0
    assert [event["event_id"] for event in load_landing(settings).events] == ["m1"]
    told = "\n".join(collector.told)
    assert "data-write-key" in told
    assert str(settings.landing) in told
    assert "Traceback" not in told
    log = (settings.logs / "collector.log").read_text()
    assert "requests=1 events=1" in log
    assert "127.0.0.1" not in log


@pytest.mark.slow
def test_killed_at_random_again_and_again_nothing_answered_is_lost(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills") or 5
    settings = settings_in(tmp_path, collect_rate=100_000)
    sent, answered = list[str](), list[str]()
    chance = random.Random(1)
    for kill in range(kills):
        with (
            running(settings) as collector,
            concurrent.futures.ThreadPoolExecutor(8) as senders,
        ):
            target = len(answered) + chance.randrange(2, 200)
            for sender in range(8):
                senders.submit(_send, collector.url, f"{kill}-{sender}", sent, answered)
            pause = threading.Event()
            while len(answered) < target:
                pause.wait(0.005)
                assert collector.process.poll() is None
            # somewhere within the next requests
            threading.Timer(chance.uniform(0, 0.05), collector.process.kill).start()
            collector.process.wait(timeout=60)
    with running(settings) as collector:
        assert collector.end() == 0
    loaded = load_landing(settings, as_one_file=True)
    found = [event["event_id"] for event in loaded.events]
    assert len(answered) > kills
    assert set(answered) <= set(found) <= set(sent)
    assert loaded.record_count == len(found)


def _send(url: str, name: str, sent: list[str], answered: list[str]) -> None:
    """Sends one batch after the other until nobody answers any more."""
    with httpx.Client(base_url=url, auth=(KEY, "")) as client, contextlib.suppress(httpx.HTTPError):
        for number in range(100_000):
            ids = [f"{name}-{number}-{place}" for place in range(2)]
            sent += ids
            answer = client.post("/v1/batch", json={"batch": [in_batch(each) for each in ids]})
            assert answer.status_code == 200
            answered += ids
