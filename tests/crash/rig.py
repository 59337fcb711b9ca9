"""Kills refreshes, runs them again, and compares what comes of it with undisturbed ones.

`python -m tests.crash.rig COMPILED FOLDER [--kills N] [--running R] [--seed S]` prints a report as
JSON. COMPILED is where `compile_models` was; FOLDER, which must be empty, is worked in.

A kill is one of: SIGKILL at a named point (faults.py); SIGKILL at any moment; the kernel's own
signal in the midst of a write, so that half of it is in the file; and, the same without the signal,
a disk that is full. After each, or after so many running, the refresh is run undisturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion import email_domains
from ingestion.settings import PROJECT_ROOT, Settings
from tests.crash.children import Ended, run_in_child
from tests.crash.faults import Faults
from tests.crash.refreshing import ModelsOnFiles, Refresh
from tests.crash.standing import Standing, differences, standing_of
from tests.crash.told_logs import AS_OF, SITE, Loads, write_loads

POINT, MOMENT, TORN, FULL = "at a point", "at a moment", "in a write", "by a full disk"
SHARES = {POINT: 12, MOMENT: 3, TORN: 3, FULL: 2}
"""Of twenty kills."""
_SMALLEST_FILE = 4096


@dataclass(frozen=True)
class Kill:
    """Which refresh (0 or 1) is ended, how, and where: the number of a point, a share of the time
    that the refresh takes, or of the size of its largest file."""

    refresh: int
    kind: str
    at: float


@dataclass
class Undisturbed:
    """A refresh that nobody ended."""

    points: list[str]
    seconds: float
    largest_file: int
    standing: Standing


@dataclass
class Rig:
    """Works in `folder`: calm/ is never killed, first/ and second/ are, in that refresh."""

    models: ModelsOnFiles
    folder: Path
    loads: Loads = field(init=False)
    calm: list[Undisturbed] = field(default_factory=list)

    def prepare(self) -> None:
        """Runs both refreshes undisturbed; keeps what there is between them."""
        self._work(lambda: write_loads(self.folder / "loads") and None)
        self.loads = Loads(self.folder / "loads" / "first", self.folder / "loads" / "second")
        settings = self.settings("calm")
        for number in range(2):
            began = time.monotonic()
            points = self._work(lambda number=number: self._refresh(settings, number))
            self.calm.append(
                Undisturbed(
                    points,
                    time.monotonic() - began,
                    max(path.stat().st_size for path in settings.data_dir.glob("*.duckdb")),
                    self._work(lambda: standing_of(settings)),
                )
            )
            if number == 0:
                shutil.copytree(settings.data_dir, self.folder / "between")

    def settings(self, name: str) -> Settings:
        """Of the data directory `name`."""
        return Settings(
            data_dir=self.folder / name / "data",
            threads=1,
            site_domains=(SITE,),
            given_secret_key="0123456789abcdef" * 2,
            compact_above_percent=1,
        )

    def try_kills(self, kills: Sequence[Kill]) -> tuple[list[Kill], list[str]]:
        """Those by which a refresh was ended, and what differs once it has run again.

        Kills of one refresh, one after another.
        """
        refresh = kills[0].refresh
        settings = self.settings("second" if refresh else "first")
        self.restore(refresh)
        ended = [kill for kill in kills if self._is_ended_by(kill, settings)]
        again = self._child(lambda: self._refresh(settings, refresh))
        if again.killed_by or again.error:
            return ended, [f"run again, it failed: {again.error or again.killed_by}"]
        found = self._child(lambda: standing_of(settings))
        if found.error:
            return ended, [found.error]
        return ended, differences(found.answer, self.calm[refresh].standing)

    def _is_ended_by(self, kill: Kill, settings: Settings) -> bool:
        ended = self._end(kill, settings)
        if ended.error and kill.kind != FULL:
            raise AssertionError(ended.error)
        return bool(ended.killed_by or ended.error)

    def _end(self, kill: Kill, settings: Settings) -> Ended:
        calm = self.calm[kill.refresh]
        if kill.kind == POINT:
            return self._child(lambda: self._refresh(settings, kill.refresh, int(kill.at)))
        if kill.kind == MOMENT:
            moment = kill.at * calm.seconds
            return self._child(lambda: self._refresh(settings, kill.refresh), moment)
        most = int(_SMALLEST_FILE + kill.at**2 * calm.largest_file)
        signals = kill.kind == TORN
        return self._child(
            lambda: _with_files_up_to(
                most, signals, lambda: self._refresh(settings, kill.refresh) and None
            )
        )

    def _refresh(self, settings: Settings, number: int, kill_at: int | None = None) -> list[str]:
        faults = Faults(kill_at)
        faults.install()
        paths = sorted((self.loads.second if number else self.loads.first).iterdir())
        Refresh(self.models, settings, paths, AS_OF[number], bool(number)).run(faults)
        return faults.points

    def restore(self, refresh: int) -> None:
        """Makes the data directory what it was before this refresh.

        Before the second, readers find a published file there at any moment.
        """
        settings = self.settings("second" if refresh else "first")
        data = settings.data_dir
        if not refresh:
            shutil.rmtree(data, ignore_errors=True)
            return
        data.mkdir(parents=True, exist_ok=True)
        for path in data.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path != settings.analytics:
                path.unlink()
        for path in (self.folder / "between").iterdir():
            if path.is_dir():
                shutil.copytree(path, data / path.name)
            else:
                draft = data / "restored"
                shutil.copy2(path, draft)
                draft.replace(data / path.name)

    def in_words(self, kill: Kill) -> str:
        """Which refresh, and where."""
        which = ("first", "second")[kill.refresh]
        if kill.kind == POINT:
            place = self.calm[kill.refresh].points[int(kill.at) - 1]
            return f"the {which} refresh, point {kill.at:g}: {place}"
        return f"the {which} refresh, {kill.kind} ({kill.at:.3f})"

    def _child(self, work: Callable[[], Any], kill_after_seconds: float | None = None) -> Ended:
        return run_in_child(work, self.folder / "answer.json", kill_after_seconds)

    def _work(self, work: Callable[[], Any]) -> Any:
        ended = self._child(work)
        if ended.error or ended.killed_by:
            raise AssertionError(ended.error or f"killed by signal {ended.killed_by}")
        return ended.answer


def _with_files_up_to(most: int, signals: bool, work: Callable[[], Any]) -> Any:
    """Works where no file can grow beyond `most` bytes; with a signal the kernel ends the process
    that tries, after as much of the write as had room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if signals else signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        return work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def planned(count: int, points: Sequence[Sequence[str]], draws: random.Random) -> list[Kill]:
    """So many kills, a quarter of them in the first refresh; every kind of point has its turn."""
    kills = []
    whole = sum(SHARES.values())
    for kind, share in SHARES.items():
        number = round(count * share / whole)
        if kind == POINT:
            first = number // 4
            kills += [Kill(0, POINT, at) for at in _spread(points[0], first, draws)]
            kills += [Kill(1, POINT, at) for at in _spread(points[1], number - first, draws)]
            continue
        for place in range(number):
            kills.append(Kill(int(place % 4 != 3), kind, draws.random()))
    return kills


def in_rows(kills: Sequence[Kill], running: int, draws: random.Random) -> list[list[Kill]]:
    """The kills in rows of at most so many, each of one refresh."""
    rows = []
    for refresh in range(2):
        those = [kill for kill in kills if kill.refresh == refresh]
        draws.shuffle(those)
        # the later points last: a refresh that has come far has fewer of them when it runs again
        rows += [
            sorted(those[start : start + running], key=lambda kill: kill.at)
            for start in range(0, len(those), running)
        ]
    return rows


def _spread(points: Sequence[str], count: int, draws: random.Random) -> list[int]:
    """So many of the points, by number from 1, each kind of them in turn."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(points, start=1):
        kinds[name.partition(":")[0]].append(number)
    waiting = list(kinds.values())
    for numbers in waiting:
        draws.shuffle(numbers)
    draws.shuffle(waiting)
    taken: list[int] = []
    while waiting and len(taken) < count:
        for numbers in waiting:
            taken.append(numbers.pop())
        waiting = [numbers for numbers in waiting if numbers]
    return sorted(taken[:count])


def run(compiled: Path, folder: Path, count: int, running: int, seed: int) -> dict[str, Any]:
    """Prepares, kills so often, and reports."""
    began = time.monotonic()
    email_domains.installed_lists()  # read once, not in every child
    rig = Rig(ModelsOnFiles(compiled / "target", compiled / "warehouse.duckdb"), folder)
    rig.prepare()
    first, second = rig.calm
    draws = random.Random(seed)
    kills = planned(count, [first.points, second.points], draws)
    told, all_ended = [], Counter[str]()
    watched = [rig.settings(name).analytics for name in ("first", "second")]
    rig.restore(1)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.reader", *map(str, watched)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        for row in in_rows(kills, running, draws):
            ended, differs = rig.try_kills(row)
            all_ended.update(kill.kind for kill in ended)
            words = "; ".join(map(rig.in_words, row))
            if differs:
                told.append({"killed": words, "differences": differs})
            sys.stderr.write(f"{words}: {len(differs)} differences\n")
        looks, _ = reader.communicate("")
    versions = [first.standing["version"], second.standing["version"]]
    seen = json.loads(looks)
    allowed = [{"absent", versions[0]}, set(versions)]
    strange = [
        version
        for path, expected in zip(watched, allowed, strict=True)
        for version in seen[str(path)]
        if version not in expected
    ]
    return {
        "kills": len(kills),
        "ended": dict(all_ended),
        "points": [len(first.points), len(second.points)],
        "differences": told,
        "looks": sum(sum(counts.values()) for counts in seen.values()),
        "versions_seen": len(
            {version for counts in seen.values() for version in counts} & {*versions}
        ),
        "strange_versions": strange,
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(sum(os.times()[:4]), 1),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("compiled", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--running", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    report = run(given.compiled, given.folder.absolute(), given.kills, given.running, given.seed)
    sys.stdout.write(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
