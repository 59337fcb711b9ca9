"""The record that one stage leaves for the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingestion.settings import Settings
from orchestration.refreshing.record import RefreshRecord, new_refresh_id
from tests.unit.orchestration.small_marts import record


@pytest.mark.parametrize("published_at", [None, datetime(2026, 6, 30, 19, 1, 2, 3, tzinfo=UTC)])
def test_a_record_is_read_as_it_was_saved(
    settings: Settings, published_at: datetime | None
) -> None:
    saved = replace(record(), published_at=published_at)
    saved.save(settings)
    assert RefreshRecord.read(settings) == saved


def test_an_empty_data_directory_has_no_record(settings: Settings) -> None:
    assert RefreshRecord.read(settings) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"published_at": null, "more": 1}', "\x00"])
def test_a_record_that_cannot_be_read_is_none(settings: Settings, content: str) -> None:
    record().save(settings)
    (settings.data_dir / "refresh.json").write_text(content)
    assert RefreshRecord.read(settings) is None


def test_refresh_ids_sort_by_time() -> None:
    ids = [
        new_refresh_id("ffffffff-1", datetime(2026, 6, 30, 18, tzinfo=UTC)),
        new_refresh_id("00000000-2", datetime(2026, 7, 1, 2, tzinfo=UTC)),
    ]
    assert ids == ["20260630T180000Z-ffffffff", "20260701T020000Z-00000000"]
    assert sorted(ids) == ids
