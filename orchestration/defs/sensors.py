"""What starts a refresh by itself, and what speaks up when one fails."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import dagster as dg

from ingestion import landing
from ingestion.settings import Settings
from orchestration.console import counted
from orchestration.defs.jobs import refresh_job
from orchestration.messages import read_failed_run, write_message
from orchestration.orphans import fail_orphans

SECONDS_BETWEEN_RUNS = 900
"""For a landing folder that changes all the time."""


@dataclass(frozen=True)
class Watch:
    """What the sensor remembers between two looks at landing/."""

    seen: str = ""
    """The state at the last look."""
    started: str = ""
    """The state that a run was started for last."""
    started_at: float = 0.0
    """When, in seconds since 1970."""

    def look(self, state: str, now: float) -> "Watch":
        """What to remember after this look; a run is due where `started` changes.

        A run is due when a new state has stayed the same from one look to the next (a file that
        is being copied has not), or when landing/ changes all the time, as with a collector,
        and the last run is a while ago.
        """
        is_new = state != self.started
        is_settled = state == self.seen
        is_overdue = now - self.started_at >= SECONDS_BETWEEN_RUNS and bool(self.started)
        if is_new and (is_settled or is_overdue):
            return Watch(state, state, now)
        return replace(self, seen=state)


@dg.sensor(
    job=refresh_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="New or changed files in landing/ start a refresh.",
)
def new_files(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult:
    """One run for each new state of landing/; the state is the run's key."""
    paths = landing.pending_files(settings)
    if not paths:
        return dg.SensorResult(skip_reason=f"No file in {settings.landing}")
    watch = Watch(**json.loads(context.cursor)) if context.cursor else Watch()
    after = watch.look(landing_state(paths), time.time())
    cursor = json.dumps(asdict(after))
    if after.started != watch.started:
        request = dg.RunRequest(run_key=f"landing-{after.started}")
        return dg.SensorResult(run_requests=[request], cursor=cursor)
    words = (
        "landing/ is as the last run found it"
        if after.seen == after.started
        else "landing/ has changed; waiting until it stays as it is"
    )
    return dg.SensorResult(skip_reason=words, cursor=cursor)


def landing_state(paths: Sequence[Path]) -> str:
    """A short name for names, sizes and times of the files."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes the books on runs whose process was killed; they would block the queue.",
)
def dead_runs(
    context: dg.SensorEvaluationContext,
) -> dg.SkipReason:
    """Reports runs as failed whose process is gone."""
    closed = fail_orphans(context.instance)
    return dg.SkipReason(f"{counted(len(closed), 'dead run')} closed" if closed else "No dead runs")


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes what failed, why and what to do into logs/messages/ and the log.",
)
def failed_runs(context: dg.RunFailureSensorContext, settings: dg.ResourceParam[Settings]) -> None:
    """One readable message for each failed run."""
    run_id = context.dagster_run.run_id
    message = read_failed_run(context.instance, run_id).message(settings.analytics)
    path = write_message(settings, run_id, message)
    context.log.error(f"{message}\n(kept in {path})")
