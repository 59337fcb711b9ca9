"""Runs whose process was killed: Dagster believes them to be running, and its queue would wait
for them for ever."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

PROCESS_TAG = "intent/process"
"""On each run: `<pid>@<start of the process>`, which no later process shares."""


def this_process() -> str:
    """The value of PROCESS_TAG for this process."""
    return f"{os.getpid()}@{_started(os.getpid())}"


def is_alive(tag: str) -> bool:
    """Whether the process of a tag still runs on this machine."""
    pid, _, started = tag.partition("@")
    if not pid.isdigit():
        return False
    if started:
        return _started(int(pid)) == started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def fail_orphans(instance: DagsterInstance) -> list[str]:
    """Reports runs as failed whose process is gone; returns their ids."""
    from dagster import DagsterRunStatus, RunsFilter

    unfinished = instance.get_runs(
        RunsFilter(
            statuses=[
                DagsterRunStatus.STARTING,
                DagsterRunStatus.STARTED,
                DagsterRunStatus.CANCELING,
            ]
        )
    )
    closed = []
    for run in unfinished:
        tag = run.tags.get(PROCESS_TAG)
        if tag and not is_alive(tag):
            instance.report_run_failed(run, "The process that ran this was killed.")
            closed.append(run.run_id)
    return closed


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks since boot; empty where that is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]
