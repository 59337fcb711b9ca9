"""`intent rejected`: the quarantine by reason, with examples, and its records to be mended.

The text of refused records may be personal, so it is in the warehouse alone and not published.
DuckDB lets nobody read a file that another process writes: the writer lock is taken to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb

from ingestion import warehouse
from ingestion.errors import UserError
from ingestion.lock import LockBusyError, check_free, writer_lock
from ingestion.replay import replay
from ingestion.settings import Settings
from orchestration import console
from orchestration.commands.loading import print_ledger_rows
from orchestration.formats import TextOrJson
from orchestration.rejected import files, report
from orchestration.rejected.quarantine import read_quarantine


def print_rejected(
    settings: Settings,
    reason: str | None,
    form: TextOrJson,
    wait_seconds: float,
    out: TextIO,
    notes: TextIO,
) -> None:
    """Prints the quarantine, or the part of it with one reason.

    Raises UserError for a reason that no record has, lock.LockBusyError when the wait was in vain.
    """
    with _warehouse(settings, wait_seconds, notes) as connection:
        quarantine = read_quarantine(connection, settings, reason)
    if form is TextOrJson.json:
        print(report.quarantine_json(quarantine), file=out)
    else:
        report.print_quarantine(quarantine, reason, out)


def write_rejected(
    settings: Settings,
    reason: str | None,
    folder: Path,
    wait_seconds: float,
    out: TextIO,
    notes: TextIO,
) -> None:
    """Writes the records into files below `folder`, and prints which.

    Raises UserError for a folder that cannot be used or a reason that no record has,
    lock.LockBusyError when the wait was in vain.
    """
    files.check_folder(settings, folder)
    with _warehouse(settings, wait_seconds, notes) as connection:
        quarantine = read_quarantine(connection, settings, reason)
        written = files.write_records(connection, reason, folder)
    report.print_written(quarantine, written, folder, out)


def replay_rejected(settings: Settings, wait_seconds: float, out: TextIO, notes: TextIO) -> None:
    """Reads the quarantine again, and prints the ledger's row for each file that it is of.

    Raises lock.LockBusyError when the wait was in vain.
    """
    with _warehouse(settings, wait_seconds, notes) as connection:
        rows = replay(connection, settings)
    if not rows:
        print("There is no record in quarantine that can be read again.", file=out)
        return
    print_ledger_rows(rows, out)
    mended = sum(row.record_count - row.rejected_count for row in rows)
    if mended:
        records = console.counted(mended, "record")
        print(f"{records} left the quarantine; to build and publish with them: intent refresh",
              file=out)  # fmt: skip
    else:
        print("Every record is refused as before; to mend them: intent rejected --write DIR",
              file=out)  # fmt: skip


@contextmanager
def _warehouse(
    settings: Settings, wait_seconds: float, notes: TextIO
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse under the writer lock; who has the lock is told before it is waited for."""
    if not settings.warehouse.exists():
        raise UserError(f"Nothing is loaded yet in {settings.data_dir}; run: intent refresh")
    try:
        check_free(settings)
    except LockBusyError as busy:
        if wait_seconds:
            print(f"Waiting: {console.safe(busy)}", file=notes, flush=True)
    with writer_lock(settings, wait_seconds), warehouse.connect(settings) as connection:
        yield connection
