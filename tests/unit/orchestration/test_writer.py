"""The writer lock as a run holds it."""

from __future__ import annotations

import pytest

from ingestion.errors import UserError
from ingestion.lock import LockBusyError, writer_lock
from ingestion.settings import Settings
from orchestration.dates import parse_date
from orchestration.defs.resources import RefreshOptions
from orchestration.refreshing.writer import Writer


def test_a_run_holds_the_lock_from_its_first_step_to_its_end(settings: Settings) -> None:
    writer, other = Writer(settings), Writer(settings, wait_seconds=0)
    writer.hold()
    writer.hold()
    with pytest.raises(LockBusyError):
        other.hold()
    with pytest.raises(LockBusyError):
        other.probe()
    writer.release()
    other.probe()
    other.hold()
    other.release()


def test_a_lock_that_was_never_taken_may_be_released(settings: Settings) -> None:
    writer = Writer(settings)
    writer.release()
    with writer_lock(settings, 0):
        pass
    writer.release()
    assert settings.data_dir.exists()


def test_an_empty_as_of_is_today_and_a_wrong_one_a_mistake() -> None:
    assert RefreshOptions(as_of="2026-06-30").as_of_date() == parse_date("2026-06-30")
    assert RefreshOptions().as_of_date() >= parse_date("2026-06-30")
    with pytest.raises(UserError):
        RefreshOptions(as_of="30.6.2026").as_of_date()
