"""Refused records as they stood, in files that can be mended in an editor and loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TextIO

import duckdb

from ingestion.errors import UserError
from ingestion.formats import ACCESS_LOG, JSON, PARQUET, SEGMENT
from ingestion.settings import Settings

ENDINGS = {
    SEGMENT: ".ndjson",
    JSON: ".ndjson",
    PARQUET: ".ndjson",  # such a row is kept as an object of its columns
    ACCESS_LOG: ".log",
}
"""By format; rows that had a header line are CSV."""

UNMENDABLE = ("line_too_long", "broken_file")
"""What is kept of such a record, its beginning or where it stands, cannot be made whole."""

_BATCH = 1_000
_RECORDS = """
select
    coalesce(format, 'unknown') as format,
    reason_code,
    header,
    raw_text
from raw.rejected_events
where
    raw_text is not null
    and reason_code = coalesce(?, reason_code)
    and not list_contains(?, reason_code)
    and not coalesce(format = 'parquet' and reason_code = 'invalid_utf8', false)
order by format, reason_code, header, load_id, line_number, record_md5
"""


@dataclass(frozen=True)
class Written:
    """One file of records."""

    path: Path
    record_count: int


def check_folder(settings: Settings, folder: Path) -> None:
    """Raises UserError where files of `folder` could be lost, or loaded before they are mended."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; give a folder that is empty or not there yet")
    if folder.exists() and any(folder.iterdir()):
        raise UserError(
            f"{folder} is not empty, and what is mended there would be lost; give another folder"
        )
    if folder.resolve().is_relative_to(settings.landing.resolve()):
        raise UserError(
            f"{folder} lies in landing/, where it would be loaded as it is; give another folder"
        )


def write_records(
    connection: duckdb.DuckDBPyConnection, reason: str | None, folder: Path
) -> list[Written]:
    """One file for each format, reason and header line; nobody else may read them."""
    written = []
    for (record_format, code, header), rows in groupby(
        _records(connection, reason), itemgetter(0, 1, 2)
    ):
        ending = ENDINGS.get(record_format, ".txt") if header is None else ".csv"
        path, file = _new_file(folder, f"{record_format}-{code}", ending)
        with file:
            if header is not None:
                file.write(f"{header}\n")
            count = sum(1 for *_, raw_text in rows if file.write(f"{raw_text}\n"))
        written.append(Written(path, count))
    return written


def _records(
    connection: duckdb.DuckDBPyConnection, reason: str | None
) -> Iterator[tuple[str, str, str | None, str]]:
    result = connection.execute(_RECORDS, [reason, list(UNMENDABLE)])
    while rows := result.fetchmany(_BATCH):
        yield from rows


def _new_file(folder: Path, stem: str, ending: str) -> tuple[Path, TextIO]:
    """A file that was not there, of this name or with a number after it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 1
    while (path := folder / f"{stem}{'' if number == 1 else f'-{number}'}{ending}").exists():
        number += 1
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # records as they stood: no line end is translated
    return path, os.fdopen(descriptor, "w", encoding="utf-8", newline="")
