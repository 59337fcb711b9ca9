"""A data directory that `intent refresh` was run on from an empty one, with the network denied.

That takes more than a minute of the processor, so it is done once for each state of the code, and
each test that wants such a directory gets a copy.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import md5
from pathlib import Path

from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.simulator import simulate
from tests.command_line import Completed, intent
from tests.dbt_runs import made_once

AS_OF = date(2026, 6, 30)
EVENTS = 600
UNSEEN_LEAD = "new@unseen.example"
HOSTILE_OWNER = "../=cmd|' /C calc'!A0"
NO_NETWORK = ("unshare", "--map-root-user", "--net")
"""Runs what follows where there is no network, not even loopback."""


@dataclass(frozen=True)
class Refreshed:
    """What the refresh said, and whether it had no network."""

    stdout: str
    stderr: str
    is_network_denied: bool


def copy_of_shop(data_dir: Path, *, with_landing: bool = True) -> Refreshed:
    """Copies the data directory to `data_dir`; where something watches landing/, without that."""
    kept = made_once("shop", _refresh, _state_of_code())
    left_out = () if with_landing else ("landing",)
    shutil.copytree(kept / "data", data_dir, ignore=shutil.ignore_patterns(*left_out))
    Settings(data_dir=data_dir).landing.mkdir(exist_ok=True)
    return Refreshed(**json.loads((kept / "refreshed.json").read_text()))


def _refresh(folder: Path) -> None:
    """Refreshes, as of its end, by a simulated log in landing/ and a lead whom nobody has seen."""
    settings = Settings(data_dir=folder / "data")
    simulate(EVENTS, folder / "log", seed=7, days=30, end=AS_OF)
    settings.landing.mkdir(parents=True)
    for path in [path for path in (folder / "log").iterdir() if path.is_file()]:
        path.rename(settings.landing / path.name)
    with (settings.landing / "leads.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([UNSEEN_LEAD, "=1+1", "", "", "", HOSTILE_OWNER, "", "", ""])
    is_denied = network_can_be_denied()
    under: Sequence[str] = NO_NETWORK if is_denied else ()
    done: Completed = intent(
        settings.data_dir, "refresh", "--as-of", AS_OF.isoformat(), under=under
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = Refreshed(done.stdout, done.stderr, is_denied)
    (folder / "refreshed.json").write_text(json.dumps(asdict(told)))


def network_can_be_denied() -> bool:
    """Whether this system lets us make a network namespace."""
    try:
        return subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _state_of_code() -> str:
    """A fingerprint of all that makes such a directory what it is, but for dbt's project."""
    folders = (PROJECT_ROOT / name for name in ("ingestion", "orchestration"))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = md5(Path(__file__).read_bytes())
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            found.update(str(path.relative_to(PROJECT_ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:16]
