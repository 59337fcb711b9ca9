"""What is kept of `<data>/logs/`, and of the runs that Dagster remembers, so that neither grows
without end. Called when a run begins: one that fails leaves logs, too."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

OUTPUTS_KEPT = 50
MESSAGES_KEPT = 200
RUNS_KEPT = 200
"""A daily refresh takes half a year to so many, and two megabytes for each."""

_RUNS_AT_ONCE = 20
_UI_LOG_BYTES = 10_000_000


def tidy_logs(settings: Settings) -> None:
    """Removes the oldest outputs and messages, and cuts the log of the UI."""
    keep_newest(settings.logs, "refresh-*.log", OUTPUTS_KEPT)
    keep_newest(settings.logs / "messages", "*.txt", MESSAGES_KEPT)
    _cut(settings.logs / "ui.log")


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Removes all files of a pattern but the `count` that were written last."""
    by_age = sorted(folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in by_age[: max(0, len(by_age) - count)]:
        path.unlink(missing_ok=True)


def forget_old_runs(settings: Settings, instance: DagsterInstance) -> list[str]:
    """Removes runs, their events and what their steps printed, beyond the RUNS_KEPT latest.

    Kept is also the run that published last, however many have failed since. Returns their ids.
    """
    old = instance.get_run_records(order_by="id", ascending=False)[RUNS_KEPT:]
    last = _last_publication(instance)
    gone = []
    for record in old[-_RUNS_AT_ONCE:]:
        run = record.dagster_run
        if run.is_finished and run.run_id != last:
            instance.delete_run(run.run_id)
            shutil.rmtree(settings.dagster_home / "storage" / run.run_id, ignore_errors=True)
            gone.append(run.run_id)
    return gone


def _last_publication(instance: DagsterInstance) -> str | None:
    from dagster import AssetKey

    event = instance.get_latest_materialization_event(AssetKey(["published", "analytics"]))
    return event.run_id if event else None


def _cut(log: Path) -> None:
    """Moves what a process has written so far elsewhere, while it goes on writing at the end."""
    if log.exists() and log.stat().st_size > _UI_LOG_BYTES:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as file:
            file.truncate(0)
