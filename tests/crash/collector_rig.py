"""A journal that is killed at each of its points in turn, always on the same data directory.

`python -m tests.crash.collector_rig DATA_DIR` prints as JSON what was said to be on the disk, what
is in landing/ in the end, and at which points it was killed. The children are forks: everything is
imported once.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from ingestion.collector.journal import Journal
from ingestion.settings import Settings
from tests.crash.faults import Faults


def main() -> None:
    """Kills at one point after the other until a child comes to its end."""
    settings = Settings(
        data_dir=Path(sys.argv[1]), given_secret_key="of the rig, which is no secret at all"
    )
    settings.make_folder(settings.landing)
    acknowledged = Path(sys.argv[1]) / "acknowledged"
    points_file = Path(sys.argv[1]) / "points"
    kills = 0
    while _dies(settings, kills + 1, acknowledged, points_file):
        kills += 1
    told = {
        "kills": kills,
        "points": json.loads(points_file.read_text()),
        "acknowledged": acknowledged.read_text().split(),
        "unfinished": [path.name for path in settings.landing.glob("*.part")],
    }
    sys.stdout.write(json.dumps(told))


def _dies(settings: Settings, kill_at: int, acknowledged: Path, points_file: Path) -> bool:
    child = os.fork()
    if not child:
        faults = Faults(kill_at)
        faults.install()
        _work(settings, f"round-{kill_at}", acknowledged)
        points_file.write_text(json.dumps(faults.points))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    assert not os.WIFSIGNALED(status) or os.WTERMSIG(status) == signal.SIGKILL
    return os.WIFSIGNALED(status)


def _work(settings: Settings, name: str, acknowledged: Path) -> None:
    descriptor = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def append(journal: Journal, *ids: str, is_urgent: bool = False) -> None:
        messages = [
            {"messageId": each, "type": "track", "event": "e", "timestamp": "2026-06-01"}
            for each in ids
        ]
        await journal.append(messages, is_urgent)
        os.write(descriptor, "".join(f"{each}\n" for each in ids).encode())

    async def post(journal: Journal) -> None:
        await append(journal, f"{name}-1")
        await append(journal, f"{name}-2a", f"{name}-2b", is_urgent=True)
        # large enough for a rotation
        await append(journal, *(f"{name}-3-{number}" for number in range(10)))
        await asyncio.gather(*(append(journal, f"{name}-4-{number}") for number in range(5)))

    with Journal(settings, rotate_bytes=500) as journal:
        asyncio.run(post(journal))


if __name__ == "__main__":
    main()
