"""Requests that were too old when a refresh saw them first: nothing answers them by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from ingestion.settings import Settings
from orchestration.delivery.asked_reports import key_of
from orchestration.delivery.ledger import Ledger
from orchestration.delivery.standing import FAILURES_SHOWN

_LATE = """
select request_id
from marts.rpt_mini_reports
where
    email is not null
    and not is_delivered
    and coalesce(received_at, requested_at) < $until
    and coalesce(received_at, requested_at) >= $since
order by coalesce(received_at, requested_at), request_id
"""

WHAT_TO_DO = "launch deliver_reports with send_again: [id] for those that are still worth it"


def late_requests(
    connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime
) -> tuple[str, ...]:
    """What the ledger would name them by, the oldest first: published requests received more than
    INTENT_REPORT_DAYS before `now` (with a zone) that nobody has ever tried to answer.

    Told for FAILURES_SHOWN, as what was given up: a history that is loaded has many that were
    answered by whoever wrote it.
    """
    until = now.astimezone(UTC).replace(tzinfo=None) - timedelta(days=settings.report_days)
    parameters = {"until": until, "since": until - FAILURES_SHOWN}
    keys = [
        key_of(request_id) for (request_id,) in connection.execute(_LATE, parameters).fetchall()
    ]
    if not keys:
        return ()
    known = Ledger(settings).known()
    return tuple(key for key in keys if key not in known)
