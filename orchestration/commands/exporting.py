"""`intent export`: the exports anew, without a refresh, or every table as Parquet."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration import console
from orchestration.analytics import published
from orchestration.exports.beside import Beside
from orchestration.exports.everything import EXPORTS, tidy
from orchestration.exports.parquet import export_parquet
from orchestration.refreshing.outcomes import Exported
from orchestration.refreshing.summary import empty_line, outcome_lines, short


def export_and_print(settings: Settings, wait_seconds: float, out: TextIO) -> None:
    """Writes every export from the published file, tidies, and prints a line for each.

    Those that hold nothing share a line after the others.

    Raises UserError where nothing is published, lock.LockBusyError when the wait was in vain.
    """
    with published(settings):
        pass
    empty: list[Exported] = []
    beside = Beside(settings)
    with writer_lock(settings, wait_seconds), closing(beside):
        beside.begin()
        for export in EXPORTS:
            path, count = beside.write(export)
            exported = Exported(path, count, export.noun)
            if not count:
                empty.append(exported)
                continue
            for line in outcome_lines(exported):
                print(line, file=out, flush=True)
        if empty:
            print(empty_line(empty), file=out)
        for line in outcome_lines(tidy(settings, datetime.now(UTC))):
            print(line, file=out)


def export_parquet_and_print(settings: Settings, folder: Path, out: TextIO) -> None:
    """Writes every published table below `folder` and prints them with their rows.

    Raises UserError for a folder that cannot be used, and where nothing is published.
    """
    files = export_parquet(settings, folder)
    console.table(
        ["file", "rows"],
        [(f"{file.schema}/{file.table}.parquet", f"{file.row_count:,}") for file in files],
        right=["rows"],
        out=out,
    )
    print(f"\n{console.counted(len(files), 'file')} in {short(folder.absolute())}", file=out)
