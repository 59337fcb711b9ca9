"""How long mini-reports, and mails in outbox/, are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestion.settings import Settings
from orchestration.exports.retention import ExportRemoval

_REPORT = re.compile(r"[A-Za-z0-9_-]+\.(?:html|pdf)")
_MAIL = re.compile(r"[A-Za-z0-9_-]+\.eml")
_DRAFT = re.compile(r"\.[A-Za-z0-9_-]+\.(?:html|pdf|eml)\.\d+")
_DRAFT_AGE = timedelta(hours=1)
"""A younger one may be somebody's who is writing it now."""


def remove_old_reports(settings: Settings, now: datetime) -> ExportRemoval:
    """Removes reports and mails that were written more than INTENT_KEEP_REPORTS_DAYS ago, and what
    killed runs left behind; nothing else that somebody may have put there. `now` has a zone.
    """
    limit = now - timedelta(days=settings.keep_reports_days)
    removed: list[Path] = []
    refused: list[str] = []
    for path, is_draft in _files(settings):
        try:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if written_at >= (now - _DRAFT_AGE if is_draft else limit):
                continue
            path.unlink()
        except FileNotFoundError:
            continue  # a draft that has just become the file
        except OSError as error:
            refused.append(str(error))
            continue
        if not is_draft:
            removed.append(path)
    return ExportRemoval(tuple(removed), tuple(refused))


def _files(settings: Settings) -> Iterator[tuple[Path, bool]]:
    """What runs have written, and whether it is a draft."""
    folders = [settings.outbox, *settings.reports.glob("*")]
    for folder in folders:
        kept = _MAIL if folder == settings.outbox else _REPORT
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if kept.fullmatch(path.name):
                yield path, False
            elif _DRAFT.fullmatch(path.name):
                yield path, True
