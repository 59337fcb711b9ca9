"""When the tests of the whole history are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestion.settings import Settings
from orchestration.refreshing import whole_tests
from orchestration.refreshing.pipeline_files import both_files

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)


def test_they_are_due_at_first_and_again_after_a_week() -> None:
    assert whole_tests.are_due(None, NOW)
    for later, due in ((timedelta(), False), (timedelta(days=7, seconds=-1), False)):
        assert whole_tests.are_due(NOW, NOW + later) is due
    assert whole_tests.are_due(NOW, NOW + timedelta(days=7))


def test_a_build_that_does_not_end_well_leaves_no_note_that_they_passed(tmp_path: Path) -> None:
    with both_files(Settings(data_dir=tmp_path)) as connection:
        connection.execute("create schema if not exists warehouse.ops")
        assert whole_tests.take_note(connection) is None
        whole_tests.note_passed(connection, NOW)
        assert whole_tests.take_note(connection) == NOW
        assert whole_tests.take_note(connection) is None
