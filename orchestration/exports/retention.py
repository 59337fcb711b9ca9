"""How long exports are kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestion.settings import Settings
from orchestration.exports import news
from orchestration.exports.columns import SALES_TABLES
from orchestration.exports.crm import notes
from orchestration.exports.crm.objects import CRMS
from orchestration.exports.files import DAY

_CRMS = tuple(crm.name for crm in CRMS)
FOLDERS = ("briefs", "owners", *_CRMS)
"""Exports that are folders: a folder of each day, in one of this name."""
_KINDS = "|".join([*(table.name for table in SALES_TABLES), "sales", "overview"])
_FILE = re.compile(rf"(?:{_KINDS})_{DAY}\.(?:csv|xlsx|html)")
_FOLDER = re.compile(DAY)
_LEFTOVER = re.compile(
    rf"\.(?:(?:{_KINDS})_{DAY}\.(?:csv|xlsx|html)\.\d+|(?:{DAY}|{'|'.join(FOLDERS)})\.(?:draft|former)"
    rf"|(?:bands|{'|'.join(_CRMS)})_{DAY}\.json\.\d+|workbook\..+)"
)
NOTES_KEPT = 2
"""The newest stay whatever their age: the next export is compared with one of them."""


@dataclass(frozen=True)
class ExportRemoval:
    """What came of it: exports removed, and those that could not be, with the reason."""

    removed: tuple[Path, ...]
    refused: tuple[str, ...]


def remove_old_exports(settings: Settings, now: datetime) -> ExportRemoval:
    """Removes exports that were written more than INTENT_KEEP_EXPORTS_DAYS ago.

    Only files and folders that an export has named so, never those that are in latest/ as well, and
    nothing else that somebody may have put there. Also clears away what killed runs left behind.
    Called under the writer lock; `now` has a zone.
    """
    limit = now - timedelta(days=settings.keep_exports_days)
    removed: list[Path] = []
    refused: list[str] = []
    for path in _leftovers(settings):
        _attempt(path, refused)
    for path in _dated(settings):
        if _written_at(path) < limit and _attempt(path, refused):
            removed.append(path)
    for note in _old_notes(settings):
        if _written_at(note) < limit:
            _attempt(note, refused)
    return ExportRemoval(tuple(removed), tuple(refused))


def _dated(settings: Settings) -> Iterator[Path]:
    """Exports that are not the latest of their kind."""
    latest = settings.exports / "latest"
    for path in _matching(settings.exports, _FILE):
        if not (latest / path.name).exists():
            yield path
    for kind in FOLDERS:
        # sorted by their day, the newest last
        yield from _matching(settings.exports / kind, _FOLDER)[:-1]


def _old_notes(settings: Settings) -> Iterator[Path]:
    """Notes of earlier exports that no export to come is compared with."""
    for day in news.noted_dates(settings)[:-NOTES_KEPT]:
        yield news.note_path(settings, day)
    for name in _CRMS:
        for day in notes.noted_dates(settings, name)[:-NOTES_KEPT]:
            yield notes.note_path(settings, name, day)


def _leftovers(settings: Settings) -> Iterator[Path]:
    for name in (".", ".state", "latest", *FOLDERS):
        yield from _matching(settings.exports / name, _LEFTOVER)


def _matching(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name))


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _attempt(path: Path, refused: list[str]) -> bool:
    """Removes a file or folder; notes why not where that fails, since no export is lost by it."""
    remove: Callable[[Path], object] = (
        shutil.rmtree if path.is_dir() and not path.is_symlink() else Path.unlink
    )
    try:
        remove(path)
    except OSError as error:
        refused.append(str(error))
        return False
    return True
