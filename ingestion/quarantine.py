"""Records that could not be read: kept whole for a while, so that they can be mended.

Reason codes: `invalid_utf8`, `line_too_long`, `invalid_json`, `not_an_object`, `unparsable_line`,
`missing_event_type`, `unknown_event_type`, `unreadable_time`, `missing_time`, `implausible_time`,
`event_in_future`, `nested_envelope`, and `unknown_format` for a whole file.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb


def keep_rejected(
    connection: duckdb.DuckDBPyConnection, load_id: int, file_name: str, now: datetime
) -> None:
    """Copies the rejected records of temporary table `staged`. Runs in the caller's transaction."""
    connection.execute(
        """
        insert into raw.rejected_events
            (load_id, file_name, line_number, reason_code, detail, raw_text, rejected_at)
        select ?, ?, line_number, reason_code, detail, raw_text, ?
        from staged
        where outcome = 'rejected'
        """,
        [load_id, file_name, now],
    )


def purge(connection: duckdb.DuckDBPyConnection, days: int, now: datetime) -> None:
    """Forgets the raw text, which may hold personal data, of records rejected `days` ago or more.

    Place and reason stay. `now` is UTC.
    """
    connection.execute(
        "update raw.rejected_events set raw_text = null where raw_text is not null"
        " and rejected_at <= ?",
        [now - timedelta(days=days)],
    )
