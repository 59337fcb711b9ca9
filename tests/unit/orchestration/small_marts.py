"""A marts file as dbt leaves it, small enough to know by heart.

Anna of acme.com viewed pricing (her device became hers when she signed in), Bob of acme.com read
once, and a device served Anna and Bob after one another. Scores are as of 2026-06-30.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingestion.settings import Settings
from orchestration.refreshing.publish import publish
from orchestration.refreshing.record import RefreshRecord
from tests.oracle.ids import id_named

AS_OF = date(2026, 6, 30)
MARTS_SQL = [
    Path(__file__).with_name(name)
    for name in ("small_marts.sql", "small_marts_rules.sql", "small_marts_overview.sql")
]
_NAME = re.compile("'((?:p|a)-[a-z0-9-]+)'")
ANNA, BOB = str(id_named("p-anna")), str(id_named("p-bob"))
HOSTILE_NAME = '=HYPERLINK("http://evil.example")'


def with_ids(sql: str) -> str:
    """A statement that names people and accounts ('p-anna', 'a-acme'), with their ids instead."""
    return _NAME.sub(lambda found: f"'{id_named(found[1])}'::uuid", sql)


def record(
    refresh_id: str = "20260630T180000Z-1a2b3c4d", *, is_built: bool = True
) -> RefreshRecord:
    """The record of a refresh that came as far as publish."""
    return RefreshRecord(
        refresh_id=refresh_id,
        dagster_run_id="1a2b3c4d-0000-0000-0000-000000000000",
        as_of_date=AS_OF,
        started_at=datetime(2026, 6, 30, 18, tzinfo=UTC),
        files_loaded=2,
        events_loaded=4,
        rejected_count=1,
        models_built=10,
        tests_passed=20,
        is_built=is_built,
    )


def create_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes every table in the database that is in use."""
    for path in MARTS_SQL:
        connection.execute(with_ids(path.read_text()))


def build_marts(settings: Settings) -> None:
    """Writes marts.duckdb as dbt would, in the storage format of DuckDB 1.5."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.marts}' as published (storage_version 'v1.5.0')")
        connection.execute("use published")
        create_marts(connection)


def publish_story(settings: Settings) -> None:
    """Builds the marts and publishes them."""
    build_marts(settings)
    record().save(settings)
    publish(settings, record())
