"""Publishing: all or nothing, and only what was built and tested."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.analytics import published as open_published
from orchestration.refreshing import publish as publishing
from orchestration.refreshing.publish import NotPublishableError, copy_file, publish
from tests.unit.orchestration.small_marts import build_marts, record

BEFORE_RENAME = "killed before the rename"


def refresh_ids(settings: Settings) -> list[str]:
    with open_published(settings) as connection:
        rows = connection.execute("select refresh_id from ops.refreshes order by 1").fetchall()
    return [row[0] for row in rows]


def test_the_published_file_is_a_copy_of_the_marts_with_its_own_row(settings: Settings) -> None:
    build_marts(settings)
    done = publish(settings, record())
    assert done.path == settings.analytics
    assert settings.analytics.read_bytes() == settings.marts.read_bytes()
    with open_published(settings) as connection:
        row = connection.execute(
            "select refresh_id, as_of_date::varchar, files_loaded, events_loaded, rejected_count,"
            " models_built, tests_passed, duckdb_version from ops.refreshes"
        ).fetchone()
    assert row == (
        "20260630T180000Z-1a2b3c4d", "2026-06-30", 2, 4, 1, 10, 20, duckdb.__version__
    )  # fmt: skip


def test_publishing_leaves_no_write_ahead_log_and_no_draft(settings: Settings) -> None:
    build_marts(settings)
    publish(settings, record())
    names = sorted(path.name for path in settings.data_dir.iterdir())
    assert names == ["analytics.duckdb", "marts.duckdb"]


def test_nobody_may_write_and_what_a_writer_left_keeps_no_reader_out(settings: Settings) -> None:
    build_marts(settings)
    publish(settings, record())
    assert settings.analytics.stat().st_mode & 0o222 == 0
    left_behind = settings.analytics.with_name("analytics.duckdb.wal")
    left_behind.write_bytes(b"a log of the file that was there before")
    publish(settings, record("later"))
    assert not left_behind.exists()
    assert refresh_ids(settings) == ["20260630T180000Z-1a2b3c4d", "later"]


def test_the_same_refresh_published_again_has_one_row(settings: Settings) -> None:
    build_marts(settings)
    publish(settings, record())
    publish(settings, record())
    publish(settings, record("later"))
    assert refresh_ids(settings) == ["20260630T180000Z-1a2b3c4d", "later"]


@pytest.mark.parametrize("known", [None, record(is_built=False)])
def test_what_was_not_built_and_tested_to_the_end_is_not_published(
    settings: Settings, known: publishing.RefreshRecord | None
) -> None:
    build_marts(settings)
    publish(settings, record())
    before = settings.analytics.stat()
    with pytest.raises(NotPublishableError):
        publish(settings, known)
    assert settings.analytics.stat() == before


def publish_killed_before_the_rename(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, refresh_id: str
) -> None:
    def killed(*_: object) -> Path:
        raise SystemExit(BEFORE_RENAME)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(SystemExit, match=BEFORE_RENAME):
            publish(settings, record(refresh_id))


def test_a_kill_between_copy_and_rename_leaves_the_earlier_version(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_marts(settings)
    publish(settings, record("first"))
    publish_killed_before_the_rename(settings, monkeypatch, "second")
    leftovers = list(settings.data_dir.glob(".analytics.duckdb.*"))
    assert len(leftovers) == 1
    assert refresh_ids(settings) == ["first"]
    # the next run clears it away; nobody has seen the second, so it is not listed
    leftovers[0].rename(leftovers[0].with_suffix(".12345"))
    publish(settings, record("third"))
    assert list(settings.data_dir.glob(".analytics.duckdb.*")) == []
    assert refresh_ids(settings) == ["first", "third"]


def test_a_broken_published_file_is_replaced_and_costs_no_row(settings: Settings) -> None:
    build_marts(settings)
    publish(settings, record("first"))
    settings.analytics.chmod(0o600)
    settings.analytics.write_bytes(b"no database")
    publish(settings, record("second"))
    assert refresh_ids(settings) == ["first", "second"]


def test_a_published_file_that_is_gone_costs_no_row_either(settings: Settings) -> None:
    build_marts(settings)
    publish(settings, record("first"))
    publish(settings, record("second"))
    settings.analytics.unlink()
    publish(settings, record("third"))
    assert refresh_ids(settings) == ["first", "second", "third"]


def test_a_first_publish_that_was_killed_is_no_refresh_that_anybody_saw(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_marts(settings)
    publish_killed_before_the_rename(settings, monkeypatch, "first")
    publish(settings, record("second"))
    assert refresh_ids(settings) == ["second"]


@pytest.mark.parametrize(("given", "kept"), [(None, 0o400), (0o440, 0o440), (0o644, 0o440)])
def test_the_published_file_is_its_owners_and_of_a_group_that_was_let_read(
    settings: Settings, given: int | None, kept: int
) -> None:
    build_marts(settings)
    before = os.umask(0o077)
    try:
        publish(settings, record("first"))
        if given is not None:
            settings.analytics.chmod(given)
        publish(settings, record("second"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(settings.analytics.stat().st_mode) == kept


@pytest.mark.parametrize("size", [0, 1, 70_000])
@pytest.mark.parametrize("has_kernel_copy", [True, False])
def test_a_copy_is_equal_by_whichever_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, has_kernel_copy: bool
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size))
    if not has_kernel_copy:
        monkeypatch.setattr(publishing, "_copy_open", lambda *_: None)
    method = copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert method in {"reflink", "in the kernel", "through memory"}
    assert (method == "through memory") is (not has_kernel_copy)


def test_a_copy_of_many_parts_tells_of_one_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(70_000))
    real, calls = os.fdatasync, []
    monkeypatch.setattr(publishing, "_share_blocks", lambda *_: False)
    monkeypatch.setattr(publishing, "_KERNEL_CHUNK", 10_000)
    assert copy_file(source, target) == "in the kernel"
    assert target.read_bytes() == source.read_bytes()

    def fails_once(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", fails_once)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        copy_file(source, target)
    assert len(calls) == 7


def test_a_kernel_copy_that_breaks_off_is_done_through_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 10_000)
    real = os.copy_file_range
    calls: list[int] = []

    def breaks_off(src: int, dst: int, count: int, *offsets: int) -> int:
        calls.append(count)
        return real(src, dst, 100, *offsets) if len(calls) == 1 else 0

    monkeypatch.setattr(publishing, "_share_blocks", lambda *_: False)
    monkeypatch.setattr(os, "copy_file_range", breaks_off)
    assert copy_file(source, target) == "through memory"
    assert target.read_bytes() == source.read_bytes()


def test_marts_in_the_storage_format_of_duckdb_1_5_keep_it_when_published(
    settings: Settings,
) -> None:
    build_marts(settings)
    publish(settings, record())
    with open_published(settings) as connection:
        row = connection.execute(
            "select tags['storage_version'] from duckdb_databases()"
            " where database_name = current_database()"
        ).fetchone()
    assert row is not None
    assert str(row[0]).startswith("v1.5")
