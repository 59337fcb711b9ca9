"""dbt as tests run it: a process, on a data directory, with what it parsed kept between them.

To parse the project takes dbt half a minute of the processor, and to compile it as much again. So
both are done once for each state of its files, and kept with pytest's cache.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.manifest import current_manifest, fingerprint, parse_folder
from orchestration.dbt.process import DbtFailed, DbtProcess

_KEPT = PROJECT_ROOT / ".pytest_cache" / "dbt"


def made_once(name: str, make: Callable[[Path], None], state: str = "") -> Path:
    """A folder that `make` fills, given an empty one, for the project as it lies on disk now.

    state: a fingerprint of what else it depends on.
    """
    _KEPT.mkdir(parents=True, exist_ok=True)
    kept = _KEPT / f"{name}-{fingerprint()}{state}"
    with _alone(name):
        if not kept.exists():
            draft = _KEPT / f".{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            for older in _KEPT.glob(f"{name}-*"):
                shutil.rmtree(older)
            draft.rename(kept)
    return kept


def give_parse(data_dir: Path) -> None:
    """Puts what dbt parsed of the project into a data directory that dbt has not been run on."""
    if not (data_dir / "dbt").exists():
        parsed = made_once("parsed", lambda folder: _parse(Settings(data_dir=folder)))
        shutil.copytree(parsed / "dbt", data_dir / "dbt")


def run_dbt(
    settings: Settings, *arguments: str, target: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs dbt on the data directory of `settings`; nothing is written in the checkout."""
    told, target = [], target or settings.dbt_target
    give_parse(settings.data_dir)
    target.mkdir(parents=True, exist_ok=True)
    if not (target / "partial_parse.msgpack").exists():
        shutil.copy(parse_folder(settings) / "partial_parse.msgpack", target)
    try:
        for line in DbtProcess(settings).stream(arguments, target):
            told.append(str(line["info"]["msg"]))
    except DbtFailed as failed:
        return subprocess.CompletedProcess(arguments, 1, "\n".join(told), str(failed))
    return subprocess.CompletedProcess(arguments, 0, "\n".join(told), "")


def _parse(settings: Settings) -> None:
    current_manifest(settings)
    shutil.rmtree(settings.logs, ignore_errors=True)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Who wants the same waits meanwhile, and finds it made."""
    with (_KEPT / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
