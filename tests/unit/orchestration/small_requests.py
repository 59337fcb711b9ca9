"""A published file that holds requests for mini-reports, and no more than delivery reads.

Ada qualifies, and left the box for marketing empty; Bob does not; Cleo qualifies and has
unsubscribed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ingestion.settings import Settings

NOW = datetime(2026, 6, 30, 10, 0, tzinfo=UTC)
ANSWERS = {"five_seconds": "tested", "proof": "logos"}
_TABLES = """
create schema marts;
create schema ops;
create table ops.refreshes (
    refresh_id varchar, as_of_date date, started_at timestamp, published_at timestamp
);
create table marts.fct_events (event_id varchar, event_type varchar, event_name varchar);
create table marts.rpt_mini_reports (
    request_id varchar, offer_id varchar, person_id varchar, email varchar, full_name varchar,
    company_name varchar, answers varchar, score integer, respondent_count bigint,
    benchmark_score integer, is_qualified boolean, disqualified_by varchar,
    is_mail_refused boolean, is_generated boolean, is_delivered boolean,
    requested_at timestamp, received_at timestamp
);
create table marts.rpt_offer_benchmarks (
    offer_id varchar, dimension_id varchar, respondent_count bigint, score integer
);
"""


@dataclass(frozen=True)
class Asked:
    """A row of rpt_mini_reports."""

    request_id: str
    person_id: str | None = "p-bob"
    email: str | None = "bob@example.org"
    full_name: str | None = "Bob"
    company_name: str | None = None
    offer_id: str = "site_readiness"
    answers: str = json.dumps(ANSWERS)
    is_qualified: bool = False
    disqualified_by: str | None = "No company's address"
    is_mail_refused: bool = False
    is_generated: bool = False
    is_delivered: bool = False
    requested_at: datetime = NOW - timedelta(minutes=2)
    received_at: datetime | None = NOW - timedelta(minutes=2)

    def row(self) -> dict[str, Any]:
        fields = self.__dict__ | {"score": 33, "respondent_count": None, "benchmark_score": None}
        return {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
            for name, value in fields.items()
        }


BOB = Asked("request-bob")
ADA = Asked(
    "request-ada", "p-ada", "ada@acme.example", "Ada", "Acme", is_qualified=True,
    disqualified_by=None,
)  # fmt: skip
CLEO = replace(
    ADA, request_id="request-cleo", person_id="p-cleo", email="cleo@acme.example",
    is_mail_refused=True,
)  # fmt: skip


def publish_requests(
    settings: Settings,
    requests: Sequence[Asked],
    at: datetime = NOW,
    *,
    told: Sequence[str] = (),
) -> None:
    """Puts a published file in place that has these requests, as of the day of `at`.

    told: ids of events `qualified` that are in the log.
    """
    settings.make_folder(settings.data_dir)
    settings.analytics.unlink(missing_ok=True)
    settings.analytics.write_bytes(_empty_tables())
    with duckdb.connect(settings.analytics) as connection:
        began = at.replace(tzinfo=None) - timedelta(minutes=1)
        connection.execute(
            "insert into ops.refreshes values ('r', ?, ?, ?)", [at.date(), began, began]
        )
        connection.execute(
            "insert into marts.fct_events select unnest(?::varchar[]), 'track', 'qualified'",
            [list(told)],
        )
        for asked in requests:
            _insert(connection, asked.row())


@cache
def _empty_tables() -> bytes:
    """A file with the tables, which takes longer to make than to copy."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "analytics.duckdb"
        with duckdb.connect(path) as connection:
            connection.execute(_TABLES)
        return path.read_bytes()


def _insert(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> None:
    names = ", ".join(row)
    marks = ", ".join(f"${name}" for name in row)
    connection.execute(f"insert into marts.rpt_mini_reports ({names}) values ({marks})", dict(row))
