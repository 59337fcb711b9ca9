"""What `intent status` tells, in every state that a data directory can be in."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.messages import write_message
from orchestration.status import print_status, read_status, status_json
from tests.unit.orchestration.small_marts import record


def text_of(settings: Settings) -> str:
    out = io.StringIO()
    print_status(read_status(settings), settings, out)
    return out.getvalue()


def test_an_absent_data_directory_is_told_and_not_made(settings: Settings) -> None:
    assert "nothing yet; run: intent refresh" in text_of(settings)
    assert not settings.data_dir.exists()


def test_counts_and_reasons_come_from_the_published_file(published: Settings) -> None:
    status = read_status(published)
    assert status.loaded is not None
    assert (status.loaded.files, status.loaded.events, status.loaded.duplicates) == (2, 4, 1)
    assert status.rejected_by_reason == {"not_json": 1}
    assert status.published is not None
    assert status.published.as_of_date == date(2026, 6, 30)
    assert "Rejected       1 record: 1 not_json" in text_of(published)


def test_files_in_landing_wait_until_they_are_published(published: Settings) -> None:
    published.landing.mkdir()
    (published.landing / "a.ndjson").write_bytes(b"x" * 100)
    (published.landing / "b.ndjson").write_bytes(b"x" * 201)
    (published.landing / "c.ndjson").write_bytes(b"x")
    assert read_status(published).files_waiting == 2


def test_the_last_refresh_is_published_failed_or_stopped(published: Settings) -> None:
    last = read_status(published).last_refresh
    assert last is not None
    assert last.result == "built, not published"
    replace(record(), is_built=False).save(published)
    last = read_status(published).last_refresh
    assert last is not None
    assert last.result == "stopped before its end"
    write_message(published, record().dagster_run_id, "why")
    last = read_status(published).last_refresh
    assert last is not None
    assert last.result == "failed"
    assert last.message is not None
    replace(record(), published_at=datetime(2026, 6, 30, 19, tzinfo=UTC)).save(published)
    last = read_status(published).last_refresh
    assert last is not None
    assert last.result == "published"


def test_status_names_who_writes_and_does_not_wait(published: Settings) -> None:
    with writer_lock(published, 0):
        status = read_status(published)
    assert status.writer is not None
    assert status.last_refresh is not None
    assert status.last_refresh.result == "running"
    assert read_status(published).writer is None


def test_json_has_times_in_utc(published: Settings) -> None:
    document = json.loads(status_json(read_status(published)))
    assert document["loaded"]["newest_event_at"] == "2026-06-29T12:00:00Z"
    assert document["last_refresh"]["started_at"] == "2026-06-30T18:00:00Z"
    assert document["published"]["as_of_date"] == "2026-06-30"
