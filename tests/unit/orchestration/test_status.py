"""What `intent status` tells, in every state that a data directory can be in."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.messages import write_message
from orchestration.status import CANNOT_TELL, print_status, read_status, status_json
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


def test_status_needs_no_more_than_to_read(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer_lock(published, 0):
        pass
    opened: list[int] = []
    real = os.open

    def watched(path: str, flags: int, mode: int = 0o777) -> int:
        opened.append(flags)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", watched)
    assert read_status(published).writer is None
    assert opened
    assert [flags for flags in opened if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT)] == []


def test_who_may_not_read_the_lock_file_is_told_that_it_cannot_be_told(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied", str(published.lock_file))

    monkeypatch.setattr(os, "open", refused)
    status = read_status(published)
    monkeypatch.undo()
    assert status.writer == CANNOT_TELL
    assert status.last_refresh is not None
    assert status.last_refresh.result == "not published"


def test_one_waiting_file_is_told_in_the_singular(published: Settings) -> None:
    published.landing.mkdir()
    (published.landing / "c.ndjson").write_bytes(b"x")
    assert "1 file in landing/ that is not published yet" in text_of(published)


def test_json_has_times_in_utc(published: Settings) -> None:
    document = json.loads(status_json(read_status(published)))
    assert document["loaded"]["newest_event_at"] == "2026-06-29T12:00:00Z"
    assert document["last_refresh"]["started_at"] == "2026-06-30T18:00:00Z"
    assert document["published"]["as_of_date"] == "2026-06-30"
