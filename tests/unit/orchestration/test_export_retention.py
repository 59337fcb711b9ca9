"""Old exports go, the latest stay, and nothing that an export did not write is touched."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.settings import Settings
from orchestration.exports import news
from orchestration.exports.crm import notes
from orchestration.exports.everything import EXPORTS, tidy
from orchestration.exports.retention import remove_old_exports

NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)


def put(path: Path, days_ago: float) -> Path:
    """A file that was written so many days before NOW."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    age(path, days_ago)
    return path


def age(path: Path, days_ago: float) -> None:
    moment = (NOW - timedelta(days=days_ago)).timestamp()
    os.utime(path, (moment, moment))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_exports_go_when_they_were_written_longer_ago_than_the_setting_says(
    settings: Settings,
) -> None:
    folder = settings.exports
    put(folder / "people_2026-03-01.csv", 90.01)
    put(folder / "sales_2026-03-01.xlsx", 90.01)
    put(folder / "overview_2026-03-01.html", 90.01)
    put(folder / "accounts_2026-04-01.csv", 89.99)
    old = put(folder / "briefs" / "2026-03-01" / "acme.com.html", 91).parent
    put(folder / "briefs" / "2026-06-30" / "acme.com.html", 91)
    age(old, 91)
    age(folder / "briefs" / "2026-06-30", 91)
    removal = remove_old_exports(settings, NOW)
    assert {path.name for path in removal.removed} == {
        "people_2026-03-01.csv", "sales_2026-03-01.xlsx", "overview_2026-03-01.html", "2026-03-01",
    }  # fmt: skip
    assert names(folder) == {"accounts_2026-04-01.csv", "briefs"}
    assert names(folder / "briefs") == {"2026-06-30"}
    assert removal.refused == ()


@pytest.mark.parametrize("kind", ["briefs", "owners", "hubspot", "salesforce"])
def test_of_folders_the_newest_day_stays(settings: Settings, kind: str) -> None:
    for day in ("2026-02-28", "2026-03-01", "2026-03-02"):
        age(put(settings.exports / kind / day / "one", 91).parent, 91)
    assert len(remove_old_exports(settings, NOW).removed) == 2
    assert names(settings.exports / kind) == {"2026-03-02"}


def test_the_latest_of_a_kind_stays_however_old_it_is(settings: Settings) -> None:
    for folder in (settings.exports, settings.exports / "latest"):
        put(folder / "people_2020-01-01.csv", 2_000)
    assert remove_old_exports(settings, NOW).removed == ()
    assert (settings.exports / "people_2020-01-01.csv").exists()


def test_what_an_export_did_not_write_is_left_alone(settings: Settings) -> None:
    kept = [
        put(settings.exports / name, 1_000)
        for name in (
            "notes.csv", "people_final.csv", "people_2020-01-01.csv.bak", ".DS_Store",
            "briefs/mine/acme.com.html", "briefs/.keep", "old/people_2020-01-01.csv",
        )
    ]  # fmt: skip
    assert remove_old_exports(settings, NOW).removed == ()
    assert [path for path in kept if not path.exists()] == []


def test_what_a_killed_run_left_is_cleared_away_at_any_age(settings: Settings) -> None:
    exports = settings.exports
    for leftover in (".sales_2026-06-30.xlsx.123", "latest/.people_2026-06-30.csv.7",
        ".state/.bands_2026-06-30.json.9", ".state/.hubspot_2026-06-30.json.9",
    ):  # fmt: skip
        put(exports / leftover, 0)
    for folder in (
        "briefs/.2026-06-30.draft", "owners/.2026-06-30.former", "latest/.briefs.former",
        "latest/.owners.draft", ".workbook.ab12",
    ):  # fmt: skip
        put(exports / folder / "x", 0)
    remove_old_exports(settings, NOW)
    assert [path for path in exports.rglob("*") if path.is_file()] == []


def test_the_newest_notes_stay_for_the_next_export_to_compare_with(settings: Settings) -> None:
    for day in (1, 2, 3):
        put(news.note_path(settings, date(2026, 1, day)), 100)
        put(notes.note_path(settings, "hubspot", date(2026, 1, day)), 100)
    put(notes.note_path(settings, "salesforce", date(2026, 1, 1)), 100)
    remove_old_exports(settings, NOW)
    newest = [date(2026, 1, 2), date(2026, 1, 3)]
    assert news.noted_dates(settings) == newest
    assert notes.noted_dates(settings, "hubspot") == newest
    assert notes.noted_dates(settings, "salesforce") == [date(2026, 1, 1)]


def test_a_link_is_removed_and_not_what_it_leads_to(settings: Settings, tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "elsewhere" / "file", 100).parent
    age(elsewhere, 100)
    (settings.exports / "briefs" / "2026-06-30").mkdir(parents=True)
    (settings.exports / "briefs" / "2026-01-01").symlink_to(elsewhere)
    remove_old_exports(settings, NOW)
    assert names(settings.exports / "briefs") == {"2026-06-30"}
    assert names(elsewhere) == {"file"}


def test_a_file_that_cannot_be_removed_is_told_and_stops_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings.exports / "people_2026-03-01.csv", 100)
    put(settings.exports / "briefs" / "2026-03-01" / "x", 100)
    age(settings.exports / "briefs" / "2026-03-01", 100)
    put(settings.exports / "briefs" / "2026-06-30" / "x", 1)

    def refuse(path: Path) -> None:
        raise PermissionError(f"no permission for {path.name}")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    removal = remove_old_exports(settings, NOW)
    assert [path.name for path in removal.removed] == ["people_2026-03-01.csv"]
    assert removal.refused == ("no permission for 2026-03-01",)


def test_where_nothing_was_exported_there_is_nothing_to_do(settings: Settings) -> None:
    removed = tidy(replace(settings, keep_landing_days=1), NOW)
    assert (removed.exports, removed.landing_files, removed.refused) == ((), (), ())
    assert not settings.data_dir.exists()


def test_an_export_just_written_survives_its_own_tidying_as_of_whatever_day(
    published: Settings,
) -> None:
    paths = [export.write(published)[0] for export in EXPORTS]
    tidy(replace(published, keep_exports_days=1), datetime.now(UTC))
    assert [path for path in paths if not path.exists()] == []
