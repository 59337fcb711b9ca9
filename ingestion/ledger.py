"""raw.files: one row a load of a file, with every record of it accounted for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import duckdb


class ConservationError(Exception):
    """Records of a file are missing from the count, or counted twice. Nothing of it was loaded."""


@dataclass(frozen=True)
class LedgerRow:
    """One load of one file. Times are UTC; seconds are of the wall clock.

    `record_count` is the sum of the seven counts after it. Over all files, `loaded_count` adds up
    to the rows of raw.events and `collided_count` to those of raw.event_id_collisions: a record is
    loaded when it brings an event, collided when it brings other content under an id already taken
    (whichever of the two is kept), duplicate when it brings nothing new.
    """

    load_id: int
    file_name: str
    file_path: str
    content_sha256: str
    byte_count: int
    modified_ns: int
    format: str
    record_count: int
    loaded_count: int
    duplicate_count: int
    collided_count: int
    rejected_count: int
    skipped_count: int
    blank_count: int
    unfinished_count: int
    first_event_at: datetime | None
    last_event_at: datetime | None
    started_at: datetime
    loaded_at: datetime
    parse_seconds: float
    dedupe_seconds: float
    already_loaded: bool = False
    """True where the file was known and nothing was done. Not a column of raw.files."""

    def check(self) -> None:
        """Raises ConservationError where the counts do not add up."""
        accounted = (
            self.loaded_count
            + self.duplicate_count
            + self.collided_count
            + self.rejected_count
            + self.skipped_count
            + self.blank_count
            + self.unfinished_count
        )
        if accounted != self.record_count:
            raise ConservationError(
                f"{self.file_path}: {self.record_count} records, but {accounted} accounted for "
                f"({self.loaded_count} loaded, {self.duplicate_count} duplicate, "
                f"{self.collided_count} collided, {self.rejected_count} rejected, "
                f"{self.skipped_count} skipped, {self.blank_count} blank, "
                f"{self.unfinished_count} unfinished)"
            )


COLUMNS = tuple(field.name for field in fields(LedgerRow) if field.name != "already_loaded")


def append(connection: duckdb.DuckDBPyConnection, row: LedgerRow) -> None:
    """Writes the row of a load. Raises ConservationError before anything is written."""
    row.check()
    places = ", ".join("?" for _ in COLUMNS)
    connection.execute(
        f"insert into raw.files ({', '.join(COLUMNS)}) values ({places})",
        [getattr(row, name) for name in COLUMNS],
    )


def _latest(
    connection: duckdb.DuckDBPyConnection, condition: str, parameters: list[object]
) -> LedgerRow | None:
    found = connection.execute(
        f"select {', '.join(COLUMNS)} from raw.files where {condition}"
        " order by load_id desc limit 1",
        parameters,
    ).fetchall()
    if not found:
        return None
    return LedgerRow(**dict(zip(COLUMNS, found[0], strict=True)), already_loaded=True)


def path_text(path: Path | str) -> str:
    """A path or a name as the ledger has it: what is not UTF-8 in it is written out, as \\xe9."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def same_files(
    connection: duckdb.DuckDBPyConnection, files: Sequence[tuple[str, int, int]]
) -> dict[str, LedgerRow]:
    """The load of each file, by its path, that is unchanged since by size and time; no need to
    read it. `files` are path, bytes and time of change in nanoseconds since 1970.

    One query for all of them, since a collector leaves thousands.
    """
    paths, byte_counts, modified = zip(*files, strict=True) if files else ((), (), ())
    found = connection.execute(
        f"""
        select {", ".join(f"files.{name}" for name in COLUMNS)}
        from raw.files as files
        inner join (
            select
                unnest(?::varchar[]) as file_path,
                unnest(?::bigint[]) as byte_count,
                unnest(?::bigint[]) as modified_ns
        ) as asked using (file_path, byte_count, modified_ns)
        qualify row_number() over (partition by file_path order by load_id desc) = 1
        """,
        [list(paths), list(byte_counts), list(modified)],
    ).fetchall()
    rows = (LedgerRow(**dict(zip(COLUMNS, row, strict=True)), already_loaded=True) for row in found)
    return {row.file_path: row for row in rows}


def same_content(connection: duckdb.DuckDBPyConnection, content_sha256: str) -> LedgerRow | None:
    """The load of a file with these bytes, under whatever name."""
    return _latest(connection, "content_sha256 = ?", [content_sha256])


def knows_size(connection: duckdb.DuckDBPyConnection, byte_count: int) -> bool:
    """Whether a file of this size was loaded, so that hashing before loading may pay."""
    found = connection.execute(
        "select 1 from raw.files where byte_count = ? limit 1", [byte_count]
    ).fetchall()
    return bool(found)
