"""Publishing: what was built and tested becomes what readers open.

The marts file is closed, copied beside `analytics.duckdb`, made durable and renamed over it.
Rename is atomic, so a reader opens either the old version or the new one, whole, and one who has
the old one open keeps reading it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from ingestion.folders import sync_folder
from ingestion.settings import Settings
from orchestration.refreshing.outcomes import Published
from orchestration.refreshing.record import RefreshRecord

_FICLONE = 0x40049409  # linux/fs.h: share the blocks of the source, copy on write
_KERNEL_CHUNK = 64 << 20

REFRESHES_DDL = """
create schema if not exists ops;
create table if not exists ops.refreshes (
    refresh_id varchar not null,
    dagster_run_id varchar not null,
    as_of_date date not null,
    started_at timestamp not null,
    published_at timestamp not null,
    files_loaded bigint not null,
    events_loaded bigint not null,
    rejected_count bigint not null,
    models_built bigint not null,
    tests_passed bigint not null,
    product_version varchar not null,
    dbt_version varchar not null,
    duckdb_version varchar not null
);
comment on table ops.refreshes is 'One row a published refresh. Times are UTC.';
comment on column ops.refreshes.refresh_id is 'Names the refresh; begins with its start in UTC.';
comment on column ops.refreshes.dagster_run_id is 'The run in the Dagster UI.';
comment on column ops.refreshes.as_of_date is 'Decay is measured at the end of this UTC day.';
comment on column ops.refreshes.started_at is 'When the refresh began to load.';
comment on column ops.refreshes.published_at is 'When this version was closed for publishing.';
comment on column ops.refreshes.files_loaded is 'Files that this refresh loaded.';
comment on column ops.refreshes.events_loaded is 'Events that this refresh added.';
comment on column ops.refreshes.rejected_count is 'Records that this refresh put in quarantine.';
comment on column ops.refreshes.models_built is 'Models that were built without an error.';
comment on column ops.refreshes.tests_passed is 'Data tests that passed; one that fails stops it.';
comment on column ops.refreshes.product_version is 'Version of intent-growth.';
comment on column ops.refreshes.dbt_version is 'Version of dbt-core.';
comment on column ops.refreshes.duckdb_version is 'Version of DuckDB that wrote the file.';
"""


class NotPublishableError(Exception):
    """The marts may not be published: their last build did not come to its end, or failed."""


def publish(settings: Settings, record: RefreshRecord | None) -> Published:
    """Closes the marts with a row of ops.refreshes, and puts their copy in place for readers.

    The caller holds the writer lock and has no connection open. Raises NotPublishableError where
    `record` does not say that all was built and tested; `analytics.duckdb` is then untouched.
    """
    if record is None or not record.is_built:
        raise NotPublishableError(
            "The marts were not built to the end with all tests passed, so nothing is published"
        )
    remove_leftovers(settings)
    sign(settings.marts, record, datetime.now(UTC), published_ids(settings))
    draft = _draft(settings)
    method = copy_file(settings.marts, draft)
    # nobody writes into the published file: what they wrote would be gone at the next refresh
    draft.chmod(stat.S_IMODE(draft.stat().st_mode) & ~0o222 | _given_to_the_group(settings))
    # left by a reader who wrote all the same; beside the new file it would keep everyone out
    settings.analytics.with_name(f"{settings.analytics.name}.wal").unlink(missing_ok=True)
    draft.replace(settings.analytics)
    sync_folder(settings.data_dir)
    return Published(settings.analytics, settings.analytics.stat().st_size, method)


def _given_to_the_group(settings: Settings) -> int:
    """The group's right to read, where somebody has given it to the file that is replaced."""
    try:
        return settings.analytics.stat().st_mode & stat.S_IRGRP
    except FileNotFoundError:
        return 0


def published_ids(settings: Settings) -> list[str] | None:
    """The refreshes that readers have seen, by the file in place; None where it does not tell.

    Where the file is gone the history in the marts stays. One row alone may be that of a first
    publish that was killed.
    """
    if not settings.analytics.exists():
        return None if _refresh_count(settings.marts) > 1 else []
    try:
        with duckdb.connect(str(settings.analytics), read_only=True) as connection:
            rows = connection.execute("select refresh_id from ops.refreshes").fetchall()
    except duckdb.Error:
        return None  # a broken file is to be replaced, not to stand in the way
    return [refresh_id for (refresh_id,) in rows]


def _refresh_count(marts: Path) -> int:
    with duckdb.connect(str(marts)) as connection:
        connection.execute(REFRESHES_DDL)
        [(count,)] = connection.execute("select count(*) from ops.refreshes").fetchall()
    return int(count)


def sign(
    marts: Path, record: RefreshRecord, published_at: datetime, published: list[str] | None
) -> None:
    """Writes the refresh's row into `marts` and leaves one file, with no write-ahead log beside.

    Rows of refreshes that are not among `published` go: their copy never reached readers.
    """
    with duckdb.connect(str(marts)) as connection:
        connection.execute(REFRESHES_DDL)
        connection.execute("begin")
        connection.execute(
            "delete from ops.refreshes where refresh_id = ?"
            " or not coalesce(list_contains(?::varchar[], refresh_id), true)",
            [record.refresh_id, published],
        )
        connection.execute(
            "insert into ops.refreshes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                record.refresh_id,
                record.dagster_run_id,
                record.as_of_date,
                record.started_at.astimezone(UTC).replace(tzinfo=None),
                published_at.astimezone(UTC).replace(tzinfo=None),
                record.files_loaded,
                record.events_loaded,
                record.rejected_count,
                record.models_built,
                record.tests_passed,
                version("intent-growth"),
                version("dbt-core"),
                version("duckdb"),
            ],
        )
        connection.execute("commit")
        connection.execute("force checkpoint")
    if marts.with_name(f"{marts.name}.wal").exists():
        # a copy without its log would lack committed rows
        raise NotPublishableError(f"{marts.name} still has a write-ahead log after its checkpoint")


def remove_leftovers(settings: Settings) -> None:
    """Removes the half copies of publishers that were killed. The caller holds the writer lock."""
    for leftover in settings.data_dir.glob(f".{settings.analytics.name}.*"):
        leftover.unlink(missing_ok=True)


def copy_file(source: Path, target: Path) -> str:
    """Copies `source` to the new file `target`, durably, in the cheapest way there is here.

    Returns the way taken: `reflink` (blocks are shared), `in the kernel`, or `through memory`.
    """
    with source.open("rb") as reader, target.open("wb") as writer:
        method = _copy_open(reader.fileno(), writer.fileno())
        if method is None:
            shutil.copyfileobj(reader, writer, 16 << 20)
            method = "through memory"
        writer.flush()
        os.fsync(writer.fileno())
    return method


def _copy_open(source: int, target: int) -> str | None:
    """Copies between open files without passing the bytes through here; None where that fails."""
    if _share_blocks(source, target):
        return "reflink"
    if hasattr(os, "copy_file_range") and _copy_in_kernel(source, target):
        return "in the kernel"
    return None


def _share_blocks(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False  # not a file system that shares blocks
    return True


def _copy_in_kernel(source: int, target: int) -> bool:
    """Copies by parts, each on its way to the disk while the next is copied."""
    size, copied = os.fstat(source).st_size, 0
    with ThreadPoolExecutor(max_workers=1) as disk:
        written = []
        try:
            while copied < size:
                chunk = min(_KERNEL_CHUNK, size - copied)
                count = os.copy_file_range(source, target, chunk, copied, copied)
                if not count:
                    break
                copied += count
                written.append(disk.submit(os.fdatasync, target))
        except OSError:
            pass  # two file systems, or a kernel that will not
    if copied < size:
        os.ftruncate(target, 0)
        return False
    for part in written:
        part.result()  # what one could not write, a later one does not tell of
    return True


def _draft(settings: Settings) -> Path:
    return settings.data_dir / f".{settings.analytics.name}.{os.getpid()}"
