"""What is published, loaded, refused and under way; from the published file, the refresh record
and landing/, so that it never waits for the writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from ingestion.collector.live_files import PART
from ingestion.landing import own_file, pending_files, starts_a_refresh
from ingestion.ledger import path_text
from ingestion.lock import LockBusyError, check_free
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.delivery.late_requests import late_requests
from orchestration.delivery.standing import MailStanding, mail_standing
from orchestration.messages import message_path
from orchestration.refreshing.record import RefreshRecord
from orchestration.rows import records
from orchestration.status.uncounted import (
    Excluded,
    Unclassed,
    Unmatched,
    excluded_traffic,
    unclassed_pages,
    unmatched_events,
)
from orchestration.status.unrated import Unrated, unrated_amounts

COLLECTED_LATELY = timedelta(minutes=30)
"""A refresh takes up every quarter of an hour what the collector has written."""
CANNOT_TELL = "cannot tell: the lock file may not be read"

_LOADED = """
select
    count(*) as files,
    coalesce(sum(record_count), 0)::bigint as records,
    coalesce(
        sum(loaded_count) filter (where format not in ('leads', 'ad_spend')), 0
    )::bigint as events,
    coalesce(sum(loaded_count) filter (where format = 'leads'), 0)::bigint as leads,
    coalesce(sum(loaded_count) filter (where format = 'ad_spend'), 0)::bigint as spend_rows,
    coalesce(sum(duplicate_count), 0)::bigint as duplicates,
    coalesce(sum(collided_count), 0)::bigint as collisions,
    coalesce(sum(rejected_count), 0)::bigint as rejected,
    coalesce(sum(skipped_count), 0)::bigint as skipped,
    coalesce(sum(blank_count), 0)::bigint as blank,
    coalesce(sum(unfinished_count), 0)::bigint as unfinished,
    max(last_event_at) as newest_event_at
from ops.files
"""
# a device's clock may be ahead, and its events are of no day yet
_NEWEST = """
select max(event_at) as event_at
from marts.fct_events
where event_at < (
    select max_by(as_of_date, published_at) + interval 1 day from ops.refreshes
)
"""
# a file that grew is loaded again, and only the last load says how it ends now
_UNFINISHED = """
select file_name
from ops.files
qualify
    load_id = max(load_id) over (partition by file_name)
    and unfinished_count > 0
order by file_name
"""
_REFUSED = """
select
    reason_code,
    count(*) as record_count,
    count(distinct file_name) as file_count
from ops.rejected_events
group by all
order by record_count desc, reason_code
"""
_PUBLISHED = """
select
    refresh_id,
    as_of_date,
    published_at,
    product_version,
    (select count(*) from marts.fct_events) as events
from ops.refreshes
order by published_at desc
limit 1
"""
_KNOWN = "select file_name, byte_count from ops.files"


@dataclass(frozen=True)
class LoadedState:
    """What the published version was built from; times are UTC.

    `records` is the sum of events, leads, rows of ad spend, duplicates, collisions, rejected,
    skipped, blank and unfinished.
    """

    files: int
    """Loads: a file that grew counts once for each."""
    records: int
    events: int
    leads: int
    spend_rows: int
    duplicates: int
    collisions: int
    rejected: int
    skipped: int
    blank: int
    unfinished: int
    newest_event_at: datetime | None

    @property
    def accounted(self) -> int:
        """What became of records, added up."""
        kept = self.events + self.leads + self.spend_rows + self.duplicates + self.collisions
        return kept + self.rejected + self.skipped + self.blank + self.unfinished


@dataclass(frozen=True)
class PublishedState:
    """The version that readers see; times are UTC."""

    refresh_id: str
    as_of_date: date
    published_at: datetime
    product_version: str
    events: int
    """Rows of fct_events."""


@dataclass(frozen=True)
class Refused:
    """Records in quarantine for one reason."""

    reason_code: str
    record_count: int
    file_count: int


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
    seconds: float | None
    """From its begin until readers saw it; None where they have not."""


@dataclass(frozen=True)
class Status:
    """All that `intent status` tells; `checked_at` is the clock's time when it was asked, UTC."""

    data_dir: str
    checked_at: datetime
    published: PublishedState | None
    loaded: LoadedState | None
    refused: tuple[Refused, ...]
    excluded: tuple[Excluded, ...]
    unmatched: tuple[Unmatched, ...]
    unclassed: tuple[Unclassed, ...]
    unrated: tuple[Unrated, ...]
    unfinished_files: tuple[str, ...]
    """Files whose last line had no end when they were loaded last."""
    last_refresh: LastRefresh | None
    writer: str | None
    """Who holds the writer lock now; CANNOT_TELL where the lock file may not be read."""
    waiting_files: tuple[str, ...]
    """Files in landing/ that the published version does not have; but for those of our own that
    the next refresh takes up and none is started for."""
    collected_lately: tuple[str, ...]
    """Those of them that the collector has finished just now: of a site that is visited there are
    always some."""
    is_collecting: bool
    """Whether a collector has a file open, whose events land within a minute."""
    mail: MailStanding
    """Messages that were sent, wait or need somebody."""
    late_requests: tuple[str, ...]
    """Requests for a report that came too late to be answered by themselves."""


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """The state of the data directory at `now` (with a zone; default: the clock's).

    Raises UserError where the published file is unreadable.
    """
    writer = lock_holder(settings)
    loaded: list[LoadedState] = []
    versions: list[PublishedState] = []
    refused: list[Refused] = []
    excluded: tuple[Excluded, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    unclassed: tuple[Unclassed, ...] = ()
    unrated: tuple[Unrated, ...] = ()
    unfinished: list[str] = []
    late: tuple[str, ...] = ()
    known: set[tuple[str, int]] = set()
    checked_at = now or datetime.now(UTC)
    if settings.analytics.exists():
        with published(settings) as connection:
            loaded = [loaded_state(connection)]
            versions = records(PublishedState, connection, _PUBLISHED)
            refused = refused_records(connection)
            excluded = excluded_traffic(connection)
            unmatched = unmatched_events(connection)
            unclassed = unclassed_pages(connection)
            unrated = unrated_amounts(connection)
            unfinished = _names(connection, _UNFINISHED)
            late = late_requests(connection, settings, checked_at)
            known = set(connection.execute(_KNOWN).fetchall())
    waiting = [
        path
        for path in pending_files(settings)
        if starts_a_refresh(path) and (path_text(path.name), path.stat().st_size) not in known
    ]
    return Status(
        data_dir=str(settings.data_dir),
        checked_at=checked_at,
        published=versions[0] if versions else None,
        loaded=loaded[0] if loaded else None,
        refused=tuple(refused),
        excluded=excluded,
        unmatched=unmatched,
        unclassed=unclassed,
        unrated=unrated,
        unfinished_files=tuple(unfinished),
        last_refresh=_last_refresh(settings, writer),
        writer=writer,
        waiting_files=_in_landing(settings, waiting),
        collected_lately=_in_landing(
            settings, [path for path in waiting if _is_collected_lately(path, checked_at)]
        ),
        is_collecting=any(
            own_file(path.stem) is not None for path in settings.landing.glob(f"*{PART}")
        ),
        mail=mail_standing(settings, checked_at),
        late_requests=late,
    )


def _in_landing(settings: Settings, paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(path_text(path.relative_to(settings.landing)) for path in paths)


def _is_collected_lately(path: Path, now: datetime) -> bool:
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return own_file(path.name) is not None and now - changed < COLLECTED_LATELY


def loaded_state(connection: duckdb.DuckDBPyConnection) -> LoadedState:
    """What the published version was built from."""
    [loaded] = records(LoadedState, connection, _LOADED)
    [(newest,)] = connection.execute(_NEWEST).fetchall()
    return replace(loaded, newest_event_at=newest or loaded.newest_event_at)


def refused_records(connection: duckdb.DuckDBPyConnection) -> list[Refused]:
    """The quarantine by reason, the most frequent first."""
    return records(Refused, connection, _REFUSED)


def lock_holder(settings: Settings) -> str | None:
    """Who writes now, in words; None where nobody does."""
    try:
        check_free(settings)
    except LockBusyError as busy:
        return str(busy).split(";")[0]  # without the advice
    except OSError:
        return CANNOT_TELL
    return None


def _names(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(sql).fetchall()]


def _last_refresh(settings: Settings, writer: str | None) -> LastRefresh | None:
    record = RefreshRecord.read(settings)
    if record is None:
        return None
    message = message_path(settings, record.dagster_run_id)
    if message.exists():
        result = "failed"
    elif record.published_at:
        result = "published"
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
        seconds=(
            (record.published_at - record.started_at).total_seconds()
            if record.published_at
            else None
        ),
    )
