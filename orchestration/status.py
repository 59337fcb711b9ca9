"""What is loaded, rejected, fresh and published; from the published file and the refresh record,
so that it never waits for the writer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from ingestion.landing import pending_files
from ingestion.lock import LockBusyError, check_free
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.messages import message_path
from orchestration.refresh_record import RefreshRecord
from orchestration.rows import records
from orchestration.summary import short

CANNOT_TELL = "cannot tell: the lock file may not be read"

_LOADED = """
select
    count(*) as files,
    coalesce(sum(record_count), 0)::bigint as records,
    coalesce(sum(loaded_count), 0)::bigint as events,
    coalesce(sum(duplicate_count), 0)::bigint as duplicates,
    coalesce(sum(collided_count), 0)::bigint as collisions,
    coalesce(sum(rejected_count), 0)::bigint as rejected,
    coalesce(sum(skipped_count), 0)::bigint as skipped,
    max(last_event_at) as newest_event_at
from ops.files
"""
_REJECTED = """
select reason_code, count(*) as record_count
from ops.rejected_events
group by all
order by record_count desc, reason_code
"""
_PUBLISHED = """
select refresh_id, as_of_date, published_at, product_version
from ops.refreshes
order by published_at desc
limit 1
"""
_KNOWN = "select file_name, byte_count from ops.files"


@dataclass(frozen=True)
class LoadedState:
    """What the published version was built from; times are UTC."""

    files: int
    records: int
    events: int
    duplicates: int
    collisions: int
    rejected: int
    skipped: int
    newest_event_at: datetime | None


@dataclass(frozen=True)
class PublishedState:
    """The version that readers see; times are UTC."""

    refresh_id: str
    as_of_date: date
    published_at: datetime
    product_version: str


@dataclass(frozen=True)
class LastRefresh:
    """The refresh begun last, whatever became of it; times are UTC."""

    refresh_id: str
    dagster_run_id: str
    as_of_date: date
    started_at: datetime
    result: str
    """published, failed, running, built but not published, stopped before its end (killed), or
    not published where it cannot be told which."""
    message: str | None
    """Where the message of a failed one is kept."""


@dataclass(frozen=True)
class Status:
    """All that `intent status` tells."""

    data_dir: str
    published: PublishedState | None
    loaded: LoadedState | None
    rejected_by_reason: dict[str, int]
    last_refresh: LastRefresh | None
    writer: str | None
    """Who holds the writer lock now; CANNOT_TELL where the lock file may not be read."""
    files_waiting: int
    """Files in landing/ that the published version does not have."""


def read_status(settings: Settings) -> Status:
    """The state of the data directory. Raises UserError where the published file is unreadable."""
    writer = lock_holder(settings)
    loaded: list[LoadedState] = []
    versions: list[PublishedState] = []
    rejected: dict[str, int] = {}
    known: set[tuple[str, int]] = set()
    if settings.analytics.exists():
        with published(settings) as connection:
            loaded = records(LoadedState, connection, _LOADED)
            versions = records(PublishedState, connection, _PUBLISHED)
            rejected = dict(connection.execute(_REJECTED).fetchall())
            known = set(connection.execute(_KNOWN).fetchall())
    return Status(
        data_dir=str(settings.data_dir),
        published=versions[0] if versions else None,
        loaded=loaded[0] if loaded else None,
        rejected_by_reason=rejected,
        last_refresh=_last_refresh(settings, writer),
        writer=writer,
        files_waiting=sum(
            (path.name, path.stat().st_size) not in known for path in pending_files(settings)
        ),
    )


def lock_holder(settings: Settings) -> str | None:
    """Who writes now, in words; None where nobody does."""
    try:
        check_free(settings)
    except LockBusyError as busy:
        return str(busy).split(";")[0]  # without the advice
    except OSError:
        return CANNOT_TELL
    return None


def status_json(status: Status) -> str:
    """The status as one JSON object."""
    return json.dumps(asdict(status), default=console.utc_value, indent=2)


def print_status(status: Status, settings: Settings, out: TextIO) -> None:
    """The status as text, times in INTENT_TIMEZONE."""
    zone = ZoneInfo(settings.timezone)
    for label, words in _lines(status, zone):
        print(f"{label:<14} {console.safe(words)}", file=out)


def _lines(status: Status, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Data", short(Path(status.data_dir))
    if version := status.published:
        yield (
            "Published",
            f"as of {version.as_of_date}, at {console.shown_time(version.published_at, zone)}"
            f" {zone.key}",
        )
    else:
        yield "Published", "nothing yet; run: intent refresh"
    if loaded := status.loaded:
        yield (
            "Loaded",
            (
                f"{console.counted(loaded.events, 'event')} from"
                f" {console.counted(loaded.files, 'load')}"
                f" ({console.counted(loaded.duplicates, 'duplicate')},"
                f" {console.counted(loaded.collisions, 'collision')}, {loaded.skipped:,} skipped)"
            ),
        )
        reasons = ", ".join(
            f"{count:,} {code}" for code, count in status.rejected_by_reason.items()
        )
        rejected = console.counted(loaded.rejected, "record")
        yield "Rejected", rejected + (f": {reasons}" if reasons else "")
        newest = console.shown_time(loaded.newest_event_at, zone)
        yield "Newest event", f"{newest} {zone.key}" if newest else "none"
    verb = "is" if status.files_waiting == 1 else "are"
    waiting = console.counted(status.files_waiting, "file")
    yield "Waiting", f"{waiting} in landing/ that {verb} not published yet"
    if last := status.last_refresh:
        started = console.shown_time(last.started_at, zone)
        kept = f"; see {short(Path(last.message))}" if last.message else ""
        yield (
            "Last refresh",
            f"{last.result}, begun {started} {zone.key}, run {last.dagster_run_id}{kept}",
        )
    yield "Writing now", status.writer or "nobody"


def _last_refresh(settings: Settings, writer: str | None) -> LastRefresh | None:
    record = RefreshRecord.read(settings)
    if record is None:
        return None
    message = message_path(settings, record.dagster_run_id)
    if record.published_at:
        result = "published"
    elif message.exists():
        result = "failed"
    elif writer == CANNOT_TELL:
        result = "not published"
    elif record.is_built and not writer:
        result = "built, not published"
    else:
        result = "running" if writer else "stopped before its end"
    return LastRefresh(
        refresh_id=record.refresh_id,
        dagster_run_id=record.dagster_run_id,
        as_of_date=record.as_of_date,
        started_at=record.started_at,
        result=result,
        message=str(message) if result == "failed" else None,
    )
