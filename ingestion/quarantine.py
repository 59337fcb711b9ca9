"""Records that could not be read: kept whole for a while, so that they can be mended.

A record is kept once: a growing file that is loaded again brings its bad lines again, and one that
the collector's files of a day were gathered into brings theirs. A file that is refused as a whole
(line 0) is kept again where it is refused for another reason than before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from ingestion.formats.whole_file import BROKEN_FILE, UNKNOWN_FORMAT

NOT_AS_THEY_WERE = ("invalid_utf8", "line_too_long", BROKEN_FILE)
"""Reasons of records that are kept in part, or with their bad bytes written out."""


@dataclass(frozen=True)
class Origin:
    """Where rejected records come from, and what is needed to read them again."""

    load_id: int
    file_name: str
    format: str
    header: str | None
    """The first line of CSV."""
    is_gathered: bool = False
    """Whether its records were loaded before, from other files and as other lines."""


def keep_rejected(connection: duckdb.DuckDBPyConnection, origin: Origin, now: datetime) -> None:
    """Copies the rejected records of `stage.staged`. Runs in the caller's transaction."""
    connection.execute(
        """
        insert into raw.rejected_events by name
        select
            cast(? as bigint) as load_id,
            cast(? as varchar) as file_name,
            cast(? as varchar) as format,
            cast(? as varchar) as header,
            line_number,
            reason_code,
            detail,
            raw_text,
            md5(coalesce(raw_text, '')) as record_md5,
            cast(? as timestamp) as rejected_at
        from stage.staged as staged
        where
            outcome = 'rejected'
            and not exists (
                select 1
                from raw.rejected_events as known
                where
                    known.load_id <> ?
                    and (
                        ? or known.file_name = ? and known.line_number = staged.line_number
                    )
                    and known.reason_code = staged.reason_code
                    and known.record_md5 = md5(coalesce(staged.raw_text, ''))
                    and (staged.line_number > 0 or known.detail is not distinct from staged.detail)
            )
        """,
        [
            origin.load_id, origin.file_name, origin.format, origin.header, now,
            origin.load_id, origin.is_gathered, origin.file_name,
        ],
    )  # fmt: skip


def holds_all_of(connection: duckdb.DuckDBPyConnection, file_name: str) -> bool:
    """Whether all that was ever refused of a file of this name is kept as it was: not where a file
    was refused as a whole, whose text is nowhere else."""
    found = connection.execute(
        "select 1 from raw.rejected_events where file_name = ?"
        f" and (line_number = 0 or reason_code in {NOT_AS_THEY_WERE}) limit 1",
        [file_name],
    ).fetchall()
    return not found


def why_unknown(
    connection: duckdb.DuckDBPyConnection, file_names: Sequence[str]
) -> list[tuple[str, str]]:
    """Name and reason of those files, in their order, whose format was not known when last loaded.

    A reason that has been forgotten is an empty text.
    """
    found = dict(
        connection.execute(
            "select file_name, coalesce(max_by(detail, load_id), '') from raw.rejected_events"
            " where reason_code = ? and list_contains(?, file_name) group by file_name",
            [UNKNOWN_FORMAT, list(file_names)],
        ).fetchall()
    )
    return [(name, found.get(name, "")) for name in file_names]


def purge(connection: duckdb.DuckDBPyConnection, days: int, now: datetime) -> None:
    """Forgets what a record said, which may be personal, of those rejected `days` ago or more.

    Place and reason stay. `now` is UTC.
    """
    connection.execute(
        "update raw.rejected_events set raw_text = null, detail = null"
        " where coalesce(raw_text, detail) is not null and rejected_at <= ?",
        [now - timedelta(days=days)],
    )
