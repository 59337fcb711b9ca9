"""A refresh with nothing new is known by what the last one went by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion import run_settings, warehouse
from ingestion.settings import Settings
from orchestration.refreshing.record import RefreshRecord
from orchestration.refreshing.unchanged import (
    forget_standing,
    is_unchanged,
    made_of,
    may_be_new,
    note_standing,
    standing,
)
from tests.unit.orchestration.small_marts import publish_story, record
from tests.unit.orchestration.small_project import write_project

AS_OF = date(2026, 6, 30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_project(tmp_path / "project")
    (root / "profiles.yml").touch()
    return root


def settle(settings: Settings, as_of: date = AS_OF) -> None:
    """Does as a load that finds nothing new."""
    with warehouse.connect(settings) as connection:
        run_settings.record(connection, settings, as_of, "one")


def by_sql(sql: str) -> Callable[[Settings, Path], None]:
    def change(settings: Settings, _: Path) -> None:
        with warehouse.connect(settings) as connection:
            connection.execute(sql)

    return change


CHANGES: dict[str, Callable[[Settings, Path], None]] = {
    "another day": lambda settings, _: settle(settings, date(2026, 7, 1)),
    "a weight": lambda _, root: write_project(root, rules="rule_id,kind,weight\n") and None,
    "a new file": lambda _, root: (root / "seeds" / "new.csv").touch(),
    "a load": by_sql(
        "insert into raw.files by name select 1 as load_id, 'log' as file_name, '' as file_path,"
        " '' as content_sha256, 'segment' as format, now()::timestamp as started_at,"
        " now()::timestamp as loaded_at, 0 as byte_count, 0 as modified_ns, 0 as record_count,"
        " 0 as loaded_count, 0 as duplicate_count, 0 as collided_count, 0 as rejected_count,"
        " 0 as skipped_count, 0 as blank_count, 0 as unfinished_count, 0 as parse_seconds,"
        " 0 as dedupe_seconds"
    ),
    "a list": by_sql("insert into raw.list_versions values ('lists', '2', now()::timestamp)"),
    "a domain": lambda settings, _: settle(replace(settings, site_domains=("shop.example",))),
    "the day itself": by_sql("update raw.refresh_settings set is_as_of_today = true"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_refresh_goes_by_is_told_apart(
    settings: Settings, root: Path, change: Callable[[Settings, Path], None]
) -> None:
    settle(settings)
    before = made_of(settings, root)
    settle(settings)
    write_project(root)
    assert made_of(settings, root) == before
    change(settings, root)
    assert made_of(settings, root) != before


def test_dates_shown_in_another_zone_are_something_new(settings: Settings, root: Path) -> None:
    settle(settings)
    there = replace(settings, timezone="Europe/Berlin")
    assert made_of(there, root) != made_of(settings, root)


@pytest.fixture
def last(settings: Settings, root: Path) -> RefreshRecord:
    """The record of a refresh that has come to its end."""
    publish_story(settings)
    settle(settings)
    done = replace(
        record(), is_built=True, published_at=datetime.now(UTC), made_of=made_of(settings, root)
    )
    note_standing(settings, done)
    return done


def test_the_same_again_is_nothing_new(settings: Settings, last: RefreshRecord) -> None:
    assert standing(settings) == last
    assert is_unchanged(settings, standing(settings), last.made_of)
    assert not is_unchanged(settings, standing(settings), "something else")
    assert not is_unchanged(settings, None, last.made_of)


def test_once_a_build_has_begun_nothing_stands(settings: Settings, last: RefreshRecord) -> None:
    forget_standing(settings)
    forget_standing(settings)
    assert standing(settings) is None


@pytest.mark.parametrize(
    "unfinished",
    [{"is_built": False}, {"published_at": None}, {"made_of": ""}],
    ids=["not built", "not published", "a part"],
)
def test_what_did_not_come_to_its_end_is_not_kept(
    settings: Settings, last: RefreshRecord, unfinished: dict[str, object]
) -> None:
    forget_standing(settings)
    note_standing(settings, replace(last, **unfinished))  # type: ignore[arg-type]
    assert standing(settings) is None


def test_a_published_file_that_is_lost_or_another_s_is_made_again(
    settings: Settings, last: RefreshRecord
) -> None:
    settings.analytics.chmod(0o600)
    with duckdb.connect(settings.analytics) as connection:
        connection.execute("update ops.refreshes set refresh_id = 'another'")
    assert not is_unchanged(settings, last, last.made_of)
    settings.analytics.unlink()
    assert not is_unchanged(settings, last, last.made_of)


def test_without_marts_all_is_made_again(settings: Settings, last: RefreshRecord) -> None:
    settings.marts.unlink()
    assert not is_unchanged(settings, last, last.made_of)


def test_at_a_glance_only_the_same_day_with_nothing_landed_is_nothing_new(
    settings: Settings, root: Path, last: RefreshRecord
) -> None:
    def glance(as_of: date | None = last.as_of_date, *, is_asked: bool = False) -> bool:
        return may_be_new(settings, as_of, is_asked=is_asked, project_root=root)

    assert not glance()
    assert glance(date(2026, 1, 1))
    assert glance(is_asked=True)
    settings.landing.mkdir()
    (settings.landing / "log.ndjson").touch()
    assert glance()
    (settings.landing / "log.ndjson").unlink()
    write_project(root, gap_seconds=60)
    assert glance()
