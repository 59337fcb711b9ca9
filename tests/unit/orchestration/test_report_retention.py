"""Mini-reports and mails of outbox/ go when they are old, and nothing else does."""

from __future__ import annotations

from pathlib import Path

from ingestion.settings import Settings
from orchestration.delivery.retention import remove_old_reports
from orchestration.exports.everything import tidy
from tests.unit.orchestration.test_export_retention import NOW, put


def test_what_was_written_longer_ago_than_the_setting_says_goes(settings: Settings) -> None:
    folder = settings.reports / "site_readiness"
    old = [
        put(folder / "a.html", 91), put(folder / "a.pdf", 91), put(settings.outbox / "a.eml", 91),
    ]  # fmt: skip
    kept = [
        put(folder / "b.html", 89), put(folder / "b.pdf", 89), put(settings.outbox / "b.eml", 89),
        put(folder / "notes.txt", 91), put(settings.outbox / "a copy.eml", 91),
        put(settings.reports / "a.html", 91), put(folder / ".c.pdf.12", 0.01),
    ]  # fmt: skip
    drafts = [put(folder / ".a.pdf.12", 0.1), put(settings.outbox / ".a.eml.12", 0.1)]
    done = remove_old_reports(settings, NOW)
    assert sorted(done.removed) == sorted(old)
    assert done.refused == ()
    assert [path for path in (*old, *drafts) if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []


def test_the_end_of_a_refresh_takes_them_away(settings: Settings) -> None:
    old = put(settings.outbox / "a.eml", 91)
    assert tidy(settings, NOW).reports == (old,)


def test_without_folders_there_is_nothing_to_do(settings: Settings, tmp_path: Path) -> None:
    assert remove_old_reports(settings, NOW).removed == ()
    assert not (tmp_path / "data").exists()
