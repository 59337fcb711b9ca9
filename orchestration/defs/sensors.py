"""What starts a refresh by itself, and what speaks up when one fails."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import dagster as dg

from ingestion import landing
from ingestion.settings import Settings
from orchestration.console import counted
from orchestration.dagster_home.orphans import fail_orphans
from orchestration.defs.jobs import REFRESH, refresh_job
from orchestration.messages import read_failed_run, write_message

_MOST_AT_ONCE = 1_000_000
SECONDS_BETWEEN_RUNS = 900
"""For a landing folder that changes all the time."""


@dataclass(frozen=True)
class Landing:
    """What lies in landing/: of each kind of file a number that grows when one comes or changes,
    and not when one goes; 0 without one."""

    dropped: int = 0
    """What somebody copies there, and may not be done with."""
    urgent: int = 0
    """Requests for a mini-report: whole from the first look on, and somebody waits."""
    steady: int = 0
    """What the collector writes all day: whole as well."""


@dataclass(frozen=True)
class Watch:
    """What the sensor remembers between two looks at landing/."""

    seen: int = 0
    """The number of what is dropped there, at the last look."""
    started: int = 0
    """The number that a run was started for last …"""
    started_at: float = 0.0
    """… when, in seconds since 1970 …"""
    urgent: int = 0
    """… and of the other kinds."""
    steady: int = 0

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "Watch":
        """What a look left behind; of an earlier version no more than the time of its last run."""
        kept = json.loads(cursor) if cursor else {}
        is_earlier = isinstance(kept.get("seen"), str)
        return cls(started_at=kept["started_at"]) if is_earlier else cls(**kept)

    def look(self, now_there: Landing, now: float) -> "Watch":
        """What to remember after this look; a run is due where `started_at` changes.

        A run is due when what is new has stayed the same from one look to the next (a file that
        is being copied has not), or when landing/ changes all the time and the last run is a while
        ago; at once for a request; and now and then for what the collector writes. Never for a
        file that has gone.
        """
        is_a_while_ago = now - self.started_at >= SECONDS_BETWEEN_RUNS
        is_dropped = now_there.dropped > self.started and (
            now_there.dropped == self.seen or (is_a_while_ago and bool(self.started))
        )
        is_urgent = now_there.urgent > self.urgent
        is_steady = now_there.steady > self.steady and is_a_while_ago
        if is_dropped or is_urgent or is_steady:
            dropped = max(now_there.dropped, self.started)
            return Watch(
                now_there.dropped,
                dropped,
                now,
                max(now_there.urgent, self.urgent),
                max(now_there.steady, self.steady),
            )
        return replace(self, seen=now_there.dropped)


@dg.sensor(
    job=refresh_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="New or changed files in landing/ start a refresh: a request for a report at once,"
    " what the collector writes every quarter of an hour, all else when it stays as it is.",
)
def new_files(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult:
    """One run for what is new in landing/; the folder's state is the run's key."""
    paths = [path for path in landing.pending_files(settings) if landing.starts_a_refresh(path)]
    if not paths:
        return dg.SensorResult(skip_reason=f"No file in {settings.landing}")
    watch = Watch.from_cursor(context.cursor)
    after = watch.look(look_at(paths), time.time())
    cursor = json.dumps(asdict(after))
    if after.started_at == watch.started_at:
        words = (
            "landing/ is as the last run found it"
            if after.seen <= after.started
            else "landing/ has changed; waiting until it stays as it is"
        )
        return dg.SensorResult(skip_reason=words, cursor=cursor)
    if _is_one_queued(context.instance):
        # it will load what is there by then; should it come to nothing, the next look sees the same
        return dg.SensorResult(skip_reason="A refresh waits for its turn already")
    request = dg.RunRequest(run_key=f"landing-{landing_state(paths)}")
    return dg.SensorResult(run_requests=[request], cursor=cursor)


def look_at(paths: Sequence[Path]) -> Landing:
    """The number of each kind of file: when one was renamed or changed last, in nanoseconds since
    1970, and how many were right then, since a file system's clock ticks in milliseconds."""
    changes: dict[landing.Kind | None, list[int]] = {}
    for path in paths:
        own = landing.own_file(path.name)
        try:
            changed = path.stat().st_ctime_ns
        except FileNotFoundError:
            continue
        changes.setdefault(own.kind if own else None, []).append(changed)
    dropped, urgent, steady = (
        _newest(changes.get(kind, []))
        for kind in (None, landing.Kind.requests, landing.Kind.events)
    )
    return Landing(dropped, urgent, steady)


def _newest(changes: Sequence[int]) -> int:
    newest = max(changes, default=0)
    return newest * _MOST_AT_ONCE + min(changes.count(newest), _MOST_AT_ONCE - 1)


def _is_one_queued(instance: dg.DagsterInstance) -> bool:
    """Whether a refresh has been asked for that has not begun: requests may come faster than
    refreshes are done, and each would else have its own in the queue."""
    waiting = dg.RunsFilter(job_name=REFRESH, statuses=[dg.DagsterRunStatus.QUEUED])
    return bool(instance.get_runs(waiting, limit=1))


def landing_state(paths: Sequence[Path]) -> str:
    """A short name for names, sizes and times of the files.

    Times of change, which a file that is moved out and back has anew.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        digest.update(os.fsencode(path))
        digest.update(f"\0{status.st_size}\0{status.st_ctime_ns}\n".encode())
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
    message = read_failed_run(context.instance, run_id).message(settings)
    path = write_message(settings, run_id, message)
    context.log.error(f"{message}\n(kept in {path})")
