"""`intent load`: files into the warehouse, and their rows of the ledger on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ingestion import quarantine, warehouse
from ingestion.ledger import LedgerRow
from ingestion.loader import load_paths
from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration import console
from orchestration.refreshing.outcomes import unknown_files
from orchestration.refreshing.summary import unknown_lines

_COLUMNS = (
    "file", "format", "records", "loaded", "duplicate", "collided",
    "rejected", "skipped", "blank", "unfinished", "seconds", "note",
)  # fmt: skip


def load_and_print(
    settings: Settings,
    paths: Sequence[Path],
    file_format: str | None,
    wait_seconds: float,
    out: TextIO,
    notes: TextIO,
) -> int:
    """Loads the files under the writer lock and prints the ledger row of each to `out`.

    Where `notes` is a terminal, each file is told there as soon as it is done.

    Returns the exit code: 1 where files were of no known format, which are told on `notes`; else 0.
    Raises UserError for a file that cannot be read, lock.LockBusyError when the wait was in vain.
    """

    def tell(row: LedgerRow) -> None:
        if console.is_terminal(notes):
            done = "already loaded" if row.already_loaded else f"{row.loaded_count:,} loaded"
            print(f"{console.safe(row.file_name)}: {done}", file=notes)

    with writer_lock(settings, wait_seconds), warehouse.connect(settings) as connection:
        rows = load_paths(connection, settings, paths, format=file_format, on_file=tell)
        unknown = quarantine.why_unknown(connection, unknown_files(rows))
    if not rows:
        print("There is no file to load.", file=out)
        return 0
    print_ledger_rows(rows, out)
    if loaded := sum(row.loaded_count for row in rows if not row.already_loaded):
        print(
            f"\n{console.counted(loaded, 'record')} loaded; to build and publish with them:"
            " intent refresh",
            file=out,
        )
    for line in unknown_lines(unknown):
        print(f"intent: {line}", file=notes)
    return 1 if unknown else 0


def print_ledger_rows(rows: Sequence[LedgerRow], out: TextIO) -> None:
    """What became of the records of each file, as a table."""
    console.table(_COLUMNS, [_cells(row) for row in rows], right=_COLUMNS[2:-1], out=out)


def _cells(row: LedgerRow) -> tuple[object, ...]:
    counts = (
        row.record_count,
        row.loaded_count,
        row.duplicate_count,
        row.collided_count,
        row.rejected_count,
        row.skipped_count,
        row.blank_count,
        row.unfinished_count,
    )
    seconds = row.parse_seconds + row.dedupe_seconds
    note = "already loaded" if row.already_loaded else ""
    return (row.file_name, row.format, *(f"{count:,}" for count in counts), f"{seconds:.1f}", note)
